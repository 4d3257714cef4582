import type { Page } from '#db/types.ts';
import { auditActions } from '../../../http/audit-actions.ts';
import { api, queryOf } from '../../client/api.ts';
import { textFields } from '../../client/form.ts';
import { useLoaded } from '../../client/load.ts';
import { go, query } from '../../client/router.ts';
import { Pager } from '../../parts/pager.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { PageTitle } from '../../parts/shell.tsx';
import { Choice } from '../calls/call-filters.tsx';
import { Rows, type AuditRowView } from './rows.tsx';
import { Verify } from './verify.tsx';
import { sayAction } from './words.ts';

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
        <Choice name="action" label="Action" value={asked['action'] ?? ''} options={auditActions} words={sayAction} />
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
