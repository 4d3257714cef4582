import { useSignal } from '@preact/signals';
import type { Page, User } from '#db/types.ts';
import { api, sayProblem } from '../../client/api.ts';
import { moment } from '../../client/format.ts';
import { useLoaded } from '../../client/load.ts';
import { textFields } from '../../client/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { RoleChoice } from './role-choice.tsx';

export function UsersSection() {
  const version = useSignal(0);
  const problem = useSignal('');
  const loaded = useLoaded(`users ${version.value}`, (signal) => api<Page<User>>('/users', { signal }));
  const change = async (work: Promise<unknown>): Promise<boolean> => {
    problem.value = '';
    try {
      await work;
      version.value++;
      return true;
    } catch (thrown) {
      problem.value = sayProblem(thrown);
      return false;
    }
  };
  const add = async (form: HTMLFormElement): Promise<void> => {
    const text = textFields(form);
    const body = { name: text('name'), role: text('role'), password: text('password') };
    if (await change(api('/users', { method: 'POST', body }))) form.reset();
  };
  const users = loaded.value.state === 'there' ? loaded.value.value.items : [];
  return (
    <section class="panel" aria-labelledby="users-title">
      <h2 id="users-title">Users</h2>
      {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
      {users.length === 0 ? (
        <p class="quiet-line">No named users yet.</p>
      ) : (
        <div class="table-frame">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Role</th>
                <th scope="col">Last signed in</th>
                <th scope="col">
                  <span class="unseen">Change</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <tr key={user.userId}>
                  <td>{user.name}</td>
                  <td>
                    {user.role} {user.disabled ? <span class="chip chip-warn">disabled</span> : null}
                  </td>
                  <td>{user.lastLoginAt === null ? 'never' : moment(user.lastLoginAt)}</td>
                  <td class="numeric">
                    <button
                      type="button"
                      class="button quiet"
                      onClick={() =>
                        void change(
                          api(`/users/${user.userId}`, { method: 'PATCH', body: { disabled: !user.disabled } }),
                        )
                      }
                    >
                      {user.disabled ? 'Enable' : 'Disable'}
                      <span class="unseen"> {user.name}</span>
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <form
        class="filters"
        aria-label="Add a user"
        onSubmit={(event) => {
          event.preventDefault();
          void add(event.currentTarget);
        }}
      >
        <label class="field">
          <span>Name</span>
          <input name="name" required maxLength={100} autocomplete="off" />
        </label>
        <label class="field">
          <span>Password, 12 characters or more</span>
          <input name="password" type="password" required minLength={12} maxLength={200} autocomplete="new-password" />
        </label>
        <RoleChoice />
        <button type="submit" class="button">
          Add user
        </button>
      </form>
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
    </section>
  );
}
