import { useSignal } from '@preact/signals';
import type { Actor, AuditVerdict, Page } from '#db/types.ts';
import { api, queryOf, sayProblem } from '../../client/api.ts';
import { clockTime, exactMoment, kebabToWords, spokenTime } from '../../client/format.ts';
import { useLoaded } from '../../client/load.ts';
import { go, query } from '../../client/router.ts';
import { textFields } from '../../client/form.ts';
import { Pager } from '../../parts/pager.tsx';
import { Empty, ProblemNote } from '../../parts/problem.tsx';
import { PageTitle } from '../../parts/shell.tsx';

interface AuditRowView {
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

export function AuditPage() {
  const asked: Record<string, string | undefined> = { limit: '50' };
  for (const name of ['action', 'target', 'actor', 'after']) asked[name] = query.value.get(name) ?? undefined;
  const key = queryOf(asked);
  const loaded = useLoaded(key, (signal) => api<Page<AuditRowView>>(`/audit${key}`, { signal }));
  const show = (change: Readonly<Record<string, string>>): void =>
    go(`/audit${queryOf({ ...asked, limit: undefined, ...change })}`);
  return (
    <>
      <div class="section-head">
        <PageTitle>Audit</PageTitle>
        <Verify />
      </div>
      <form
        class="filters"
        role="search"
        aria-label="Filter the audit log"
        onSubmit={(event) => {
          event.preventDefault();
          const text = textFields(event.currentTarget);
          show({
            action: text('action').trim(),
            target: text('target').trim(),
            actor: text('actor').trim(),
            after: '',
          });
        }}
      >
        <label class="field">
          <span>Action</span>
          <input name="action" value={asked['action'] ?? ''} maxLength={200} placeholder="recording-played" />
        </label>
        <label class="field field-wide">
          <span>Id of call, export, user or key</span>
          <input name="target" value={asked['target'] ?? ''} maxLength={200} />
        </label>
        <label class="field field-wide">
          <span>Id of who did it</span>
          <input name="actor" value={asked['actor'] ?? ''} maxLength={200} />
        </label>
        <button type="submit" class="button">
          Apply
        </button>
      </form>
      {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
      {loaded.value.state === 'there' ? <Rows page={loaded.value.value} /> : null}
      {loaded.value.state === 'there' ? (
        <Pager
          isFirst={asked['after'] === undefined}
          next={loaded.value.value.next}
          onNext={(after) => show({ after })}
        />
      ) : null}
    </>
  );
}

function Rows({ page }: { readonly page: Page<AuditRowView> }) {
  if (page.items.length === 0) return <Empty title="No row matches." />;
  return (
    <div class="table-frame">
      <table class="table audit-table">
        <thead>
          <tr>
            <th scope="col" class="numeric">
              No.
            </th>
            <th scope="col">When</th>
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
              <td class="numeric">{row.sequence}</td>
              <td>{row.at === null ? 'erased' : exactMoment(row.at)}</td>
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
                    {actionWords[row.action] ?? kebabToWords(row.action)}
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

/** Where the word for it says too little or too much: a player fetches ahead of what is heard. */
const actionWords: Readonly<Record<string, string>> = {
  'recording-played': 'Recording sent to a player',
  'recording-listened': 'Recording listened to',
  'live-watched': 'Running calls watched',
  'live-watched-ended': 'Stopped watching running calls',
  'call-watched': 'Call watched live',
  'call-watched-ended': 'Stopped watching call',
};

function sayDetail(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const { fromS, toS, watchedMs, ...rest } = detail as Readonly<Record<string, unknown>>;
  const said: string[] = [];
  if (typeof fromS === 'number' && typeof toS === 'number')
    said.push(`${clockTime(fromS * 1000)} to ${clockTime(toS * 1000)}`);
  if (typeof watchedMs === 'number') said.push(`for ${spokenTime(watchedMs)}`);
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value === 'boolean') said.push(...(value ? [camelToWords(name)] : []));
    else said.push(`${camelToWords(name)}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  return said.join(', ');
}

function camelToWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function Verify() {
  const says = useSignal<{ readonly good: boolean; readonly text: string } | undefined>(undefined);
  const busy = useSignal(false);
  const verify = async (): Promise<void> => {
    busy.value = true;
    try {
      const verdict = await api<AuditVerdict>('/audit/verify', { method: 'POST' });
      says.value = { good: verdict.intact, text: verdictWords(verdict) };
    } catch (thrown) {
      says.value = { good: false, text: sayProblem(thrown) };
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class="verify">
      <span role="status" class={says.value === undefined ? '' : says.value.good ? 'good' : 'bad'}>
        {says.value?.text}
      </span>
      <button type="button" class="button" disabled={busy.value} onClick={() => void verify()}>
        {busy.value ? 'Verifying …' : 'Verify the chain'}
      </button>
    </div>
  );
}

function verdictWords(verdict: AuditVerdict): string {
  if (verdict.intact)
    return `Intact: ${verdict.rows} rows, signed head ${verdict.headSignature}, outside head ${verdict.outsideHead}.`;
  const where = verdict.firstWrongSequence === null ? '' : ` First wrong row: ${verdict.firstWrongSequence}.`;
  return `Broken: ${verdict.explanation}${where}`;
}
