import { useSignal } from '@preact/signals';
import type { ApiKey, Page } from '#db/types.ts';
import { api, sayProblem } from '../../client/api.ts';
import { moment } from '../../client/format.ts';
import { useLoaded } from '../../client/load.ts';
import { textFields } from '../../client/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { RoleChoice } from './role-choice.tsx';

export function KeysSection() {
  const version = useSignal(0);
  const problem = useSignal('');
  const secret = useSignal('');
  const loaded = useLoaded(`keys ${version.value}`, (signal) => api<Page<ApiKey>>('/keys', { signal }));
  const run = async (work: () => Promise<void>): Promise<void> => {
    problem.value = '';
    try {
      await work();
      version.value++;
    } catch (thrown) {
      problem.value = sayProblem(thrown);
    }
  };
  const add = async (form: HTMLFormElement): Promise<void> => {
    const text = textFields(form);
    const body = { name: text('name'), role: text('role') };
    const made = await api<{ secret: string }>('/keys', { method: 'POST', body });
    secret.value = made.secret;
    form.reset();
  };
  const keys = loaded.value.state === 'there' ? loaded.value.value.items : [];
  return (
    <section class="panel" aria-labelledby="keys-title">
      <h2 id="keys-title">API keys</h2>
      {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
      <div class="table-frame">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Begins</th>
              <th scope="col">Role</th>
              <th scope="col">Last used</th>
              <th scope="col">
                <span class="unseen">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <tr key={key.keyId}>
                <td>{key.name}</td>
                <td>
                  <code>{key.prefix}…</code>
                </td>
                <td>{key.role}</td>
                <td>{key.lastUsedAt === null ? 'never' : moment(key.lastUsedAt)}</td>
                <td class="numeric">
                  {key.revokedAt === null ? (
                    <button
                      type="button"
                      class="button quiet"
                      onClick={() => void run(() => api(`/keys/${key.keyId}`, { method: 'DELETE' }))}
                    >
                      Revoke<span class="unseen"> {key.name}</span>
                    </button>
                  ) : (
                    <span class="chip">revoked</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <form
        class="filters"
        aria-label="Add an API key"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          void run(() => add(form));
        }}
      >
        <label class="field">
          <span>Name</span>
          <input name="name" required maxLength={100} autocomplete="off" />
        </label>
        <RoleChoice />
        <button type="submit" class="button">
          Make key
        </button>
      </form>
      {secret.value === '' ? null : (
        <p class="note" role="status">
          Copy it now, it is not shown again: <code>{secret.value}</code>
        </p>
      )}
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
    </section>
  );
}
