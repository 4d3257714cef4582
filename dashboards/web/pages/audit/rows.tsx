import type { Actor, Page } from '#db/types.ts';
import { queryOf } from '../../client/api.ts';
import { Moment, Zone } from '../../parts/moment.tsx';
import { Empty } from '../../parts/problem.tsx';
import { sayAction, sayDetail } from './words.ts';

export interface AuditRowView {
  readonly sequence: number;
  readonly at: string | null;
  readonly actor: Actor | null;
  readonly action: string | null;
  readonly target: { readonly kind: string; readonly id: string } | null;
  readonly detail: unknown;
  readonly sourceIp: string | null;
  readonly outcome: 'allowed' | 'refused' | null;
  readonly erased: boolean;
  readonly hash: string;
}

export function Rows({ page }: { readonly page: Page<AuditRowView> }) {
  if (page.items.length === 0) return <Empty title="No row matches." />;
  return (
    <div class="table-frame">
      <table class="table audit-table">
        <thead>
          <tr>
            <th scope="col" class="numeric">
              No.
            </th>
            <th scope="col">
              When <Zone />
            </th>
            <th scope="col">Who</th>
            <th scope="col">From</th>
            <th scope="col">What</th>
            <th scope="col">Of</th>
            <th scope="col">Detail</th>
          </tr>
        </thead>
        <tbody>
          {page.items.map((row) => (
            <tr key={row.sequence} class={row.outcome === 'refused' ? 'refused' : ''}>
              <th scope="row" class="numeric">
                {row.sequence}
              </th>
              <td>{row.at === null ? 'erased' : <Moment at={row.at} to="second" />}</td>
              <td>
                {row.actor === null ? null : (
                  <a href={`/audit${queryOf({ actor: row.actor.id })}`} title={`Everything that ${row.actor.name} did`}>
                    {row.actor.name}
                  </a>
                )}
              </td>
              <td>{row.sourceIp}</td>
              <td>
                {row.action === null ? null : (
                  <a href={`/audit${queryOf({ action: row.action })}`} title="Everything of this kind">
                    {sayAction(row.action)}
                  </a>
                )}{' '}
                {row.outcome === 'refused' ? <span class="chip chip-bad">refused</span> : null}
              </td>
              <td>
                <Target target={row.target} />
              </td>
              <td class="detail">{sayDetail(row.detail)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Target({ target }: { readonly target: AuditRowView['target'] }) {
  if (target === null) return null;
  const short = target.id.length > 12 ? `…${target.id.slice(-8)}` : target.id;
  if (target.kind !== 'call') return <span title={target.id}>{`${target.kind} ${short}`}</span>;
  return (
    <>
      <a href={`/audit${queryOf({ target: target.id })}`} title={`Everything about call ${target.id}`}>
        call {short}
      </a>{' '}
      <a href={`/calls/${target.id}`} class="open-link">
        open
      </a>
    </>
  );
}
