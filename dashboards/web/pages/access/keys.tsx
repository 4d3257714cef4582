import { useSignal } from '@preact/signals';
import type { ApiKey } from '#db/types.ts';
import { api } from '../../client/api.ts';
import { Moment } from '../../parts/moment.tsx';
import { AccessList, type Change } from './access-list.tsx';

export function KeysSection() {
  const secret = useSignal('');
  return (
    <AccessList<ApiKey>
      name="keys"
      title="API keys"
      none="No keys yet."
      columns={['Name', 'Begins', 'Role']}
      lastTime="Last used"
      row={(key, change) => <KeyRow key={key.keyId} apiKey={key} change={change} />}
      form={{
        label: 'Add an API key',
        button: 'Make key',
        roles: ['reader', 'sender', 'admin'],
        add: async (text) => {
          const body = { name: text('name'), role: text('role') };
          const made = await api<{ secret: string }>('/keys', { method: 'POST', body });
          secret.value = made.secret;
        },
      }}
    >
      {secret.value === '' ? null : (
        <p class="note" role="status">
          Copy it now, it is not shown again: <code>{secret.value}</code>
        </p>
      )}
    </AccessList>
  );
}

function KeyRow({ apiKey, change }: { readonly apiKey: ApiKey; readonly change: Change }) {
  const { keyId, name, prefix, role, lastUsedAt, revokedAt } = apiKey;
  const revoke = () => api(`/keys/${keyId}`, { method: 'DELETE' });
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <code>{prefix}…</code>
      </td>
      <td>{role}</td>
      <td>{lastUsedAt === null ? 'never' : <Moment at={lastUsedAt} />}</td>
      <td class="numeric">
        {revokedAt === null ? (
          <button type="button" class="button quiet" onClick={() => void change(revoke)}>
            Revoke<span class="unseen"> {name}</span>
          </button>
        ) : (
          <span class="chip">revoked</span>
        )}
      </td>
    </tr>
  );
}
