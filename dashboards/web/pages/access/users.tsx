import type { User } from '#db/types.ts';
import { api } from '../../client/api.ts';
import { Moment } from '../../parts/moment.tsx';
import { AccessList, type Change } from './access-list.tsx';

export function UsersSection() {
  return (
    <AccessList<User>
      name="users"
      title="Users"
      none="No named users yet."
      columns={['Name', 'Role']}
      lastTime="Last signed in"
      row={(user, change) => <UserRow key={user.userId} user={user} change={change} />}
      form={{
        label: 'Add a user',
        button: 'Add user',
        roles: ['reader', 'admin'],
        fields: (
          <label class="field">
            <span>Password, 12 characters or more</span>
            <input
              name="password"
              type="password"
              required
              minLength={12}
              maxLength={200}
              autocomplete="new-password"
            />
          </label>
        ),
        add: async (text) => {
          const body = { name: text('name'), role: text('role'), password: text('password') };
          await api('/users', { method: 'POST', body });
        },
      }}
    />
  );
}

function UserRow({ user, change }: { readonly user: User; readonly change: Change }) {
  const { userId, name, role, disabled, lastLoginAt } = user;
  const toggle = () => api(`/users/${userId}`, { method: 'PATCH', body: { disabled: !disabled } });
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {role} {disabled ? <span class="chip chip-warn">disabled</span> : null}
      </td>
      <td>{lastLoginAt === null ? 'never' : <Moment at={lastLoginAt} />}</td>
      <td class="numeric">
        <button type="button" class="button quiet" onClick={() => void change(toggle)}>
          {disabled ? 'Enable' : 'Disable'}
          <span class="unseen"> {name}</span>
        </button>
      </td>
    </tr>
  );
}
