import { useMemo } from 'preact/hooks';
import { api, queryOf } from '../../client/api.ts';
import { useLoaded } from '../../client/load.ts';
import { go, query } from '../../client/router.ts';
import { isAdmin } from '../../client/session.ts';
import { Empty, ProblemNote } from '../../parts/problem.tsx';
import { sharePercent, ShareBar } from '../../parts/share-bar.tsx';
import { PageTitle } from '../../parts/shell.tsx';
import type { AssuranceAnswer } from '../../../api/schemas/assurance.ts';
import { Cdrs } from './cdrs.tsx';
import { Flagged } from './flagged.tsx';
import { isDay, lastDays, momentsOf, PeriodPicker, type Period } from './period.tsx';
import { BySource } from './sources.tsx';

/** Is what was to be kept there? By source and day against the target, and each call that is not. */
export function AssurancePage() {
  const from = query.value.get('from');
  const to = query.value.get('to');
  const after = query.value.get('after') ?? undefined;
  const period = useMemo((): Period => (isDay(from) && isDay(to) ? { from, to } : lastDays(30)), [from, to]);
  const moments = momentsOf(period);
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const key = queryOf({ ...moments, timeZone, after, limit: '25' });
  const loaded = useLoaded(key, (signal) => api<AssuranceAnswer>(`/assurance${key}`, { signal }));
  const next = (page: string): void => go(`/assurance${queryOf({ ...period, after: page })}`);
  return (
    <>
      <PageTitle>Assurance</PageTitle>
      <PeriodPicker period={period} />
      {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
      {loaded.value.state === 'there' ? (
        <div class="assurance">
          <Summary answer={loaded.value.value} />
          {loaded.value.value.calls === 0 ? null : (
            <>
              <BySource {...loaded.value.value} moments={moments} />
              <Flagged flagged={loaded.value.value.flagged} isFirst={after === undefined} onNext={next} />
            </>
          )}
          <Cdrs answer={loaded.value.value} />
        </div>
      ) : null}
    </>
  );
}

function Summary({ answer }: { readonly answer: AssuranceAnswer }) {
  const { calls, partial, missing, excluded, pending, share, targetShare } = answer;
  if (calls === 0) {
    return (
      <Empty title="No call began in this time.">
        Choose another time above
        {isAdmin.value ? (
          <>
            , or see on the page <a href="/sources">Sources</a> whether anything reaches this server
          </>
        ) : null}
        .
      </Empty>
    );
  }
  return (
    <section class="panel" aria-label="All sources">
      <p class="assurance-share">
        <ShareBar share={share} target={targetShare} /> of the calls that were to be kept are complete; the target is{' '}
        {sharePercent(targetShare)}.
      </p>
      <p class="quiet-line">
        {calls.toLocaleString()} {calls === 1 ? 'call' : 'calls'}: {partial.toLocaleString()} partial,{' '}
        {missing.toLocaleString()} missing, {excluded.toLocaleString()} not kept by choice or because nobody answered
        {pending === 0 ? '' : `, ${pending.toLocaleString()} not over yet`}.
      </p>
    </section>
  );
}
