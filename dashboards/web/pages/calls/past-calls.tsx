import { useSignal } from '@preact/signals';
import type { Page } from '#db/types.ts';
import type { CallItem } from '../../../api/answers.ts';
import { api, queryOf } from '../../client/api.ts';
import { useLoaded } from '../../client/load.ts';
import { go, query } from '../../client/router.ts';
import { isAdmin } from '../../client/session.ts';
import { Zone } from '../../parts/moment.tsx';
import { Pager } from '../../parts/pager.tsx';
import { Empty, ProblemNote } from '../../parts/problem.tsx';
import { CallFilters, filterNames } from './call-filters.tsx';
import { CallRow } from './call-row.tsx';
import { HandIn } from './hand-in.tsx';

/** All calls that began, newest first; the address holds filters and page, so that it can be kept and shared. */
export function PastCalls() {
  const asked: Record<string, string | undefined> = { limit: '25', after: query.value.get('after') ?? undefined };
  for (const name of filterNames) asked[name] = query.value.get(name) ?? undefined;
  const isFiltered = filterNames.some((name) => (asked[name] ?? '') !== '');
  const key = queryOf(asked);
  const version = useSignal(0);
  const loaded = useLoaded(`${key} ${version.value}`, (signal) => api<Page<CallItem>>(`/calls${key}`, { signal }));
  const show = (change: Readonly<Record<string, string>>): void => {
    const next = { ...asked, limit: undefined, ...change };
    go(`/${queryOf(next)}`);
  };
  return (
    <section aria-labelledby="past-title">
      <div class="section-head">
        <h2 id="past-title">All calls</h2>
        {isAdmin.value ? <HandIn onTaken={() => version.value++} /> : null}
      </div>
      <CallFilters onChange={(change) => show({ ...change, after: '' })} />
      {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
      {loaded.value.state === 'there' ? (
        <CallTable
          page={loaded.value.value}
          isFiltered={isFiltered}
          onNext={(after) => show({ after })}
          isFirst={asked['after'] === undefined}
        />
      ) : null}
    </section>
  );
}

function CallTable(props: {
  readonly page: Page<CallItem>;
  readonly isFiltered: boolean;
  readonly isFirst: boolean;
  readonly onNext: (after: string) => void;
}) {
  const { items, next } = props.page;
  if (items.length === 0) {
    return props.isFiltered ? (
      <Empty title="No call matches.">Widen the time, or take a filter away.</Empty>
    ) : (
      <Empty title="No calls yet.">
        Route a trunk through this server, or run <code>npm run demo</code>.
      </Empty>
    );
  }
  return (
    <>
      <div class="table-frame">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">
                Started <Zone />
              </th>
              <th scope="col">Caller → callee</th>
              <th scope="col">Source</th>
              <th scope="col" class="numeric">
                Length
              </th>
              <th scope="col">Ended</th>
              <th scope="col">Findings</th>
              <th scope="col">Sentiment</th>
              <th scope="col">Complete</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <CallRow key={item.callId} call={item} />
            ))}
          </tbody>
        </table>
      </div>
      <Pager isFirst={props.isFirst} next={next} onNext={props.onNext} />
    </>
  );
}
