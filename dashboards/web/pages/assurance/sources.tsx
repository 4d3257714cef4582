import type { AssuranceCounts, AssuranceSource } from '#db/types.ts';
import { reasonSentence, verdictWords } from '../../client/assurance-words.ts';
import { queryOf } from '../../client/api.ts';
import { sourceWords } from '../../client/source-words.ts';
import { ShareBar } from '../../parts/share-bar.tsx';

interface SourcesProps {
  readonly sources: readonly AssuranceSource[];
  readonly targetShare: number;
  /** ISO 8601, of the period: for links to its calls. */
  readonly moments: { readonly from: string; readonly to: string };
}

const heads = ['Calls', 'Complete', 'Partial', 'Missing', 'Not kept'] as const;

/** How much of what each source sent is there, with its reasons and its days under it. */
export function BySource(props: SourcesProps) {
  const { sources, targetShare } = props;
  return (
    <section aria-labelledby="by-source">
      <div class="section-head">
        <h2 id="by-source">By source</h2>
      </div>
      <div class="table-frame">
        <table class="table">
          <thead>
            <CountHeads first="Source" />
          </thead>
          <tbody>
            {sources.map((each) => (
              <tr key={`${each.source} ${each.sourceName}`}>
                <th scope="row">
                  <a href={callsOf(props, each)}>{each.sourceName}</a>{' '}
                  <span class="source-kind">{sourceWords[each.source]}</span>
                </th>
                <CountCells counts={each} targetShare={targetShare} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {sources.map((each) => (
        <SourceDetails key={`${each.source} ${each.sourceName}`} {...props} of={each} />
      ))}
    </section>
  );
}

function callsOf({ moments }: SourcesProps, { source, sourceName }: AssuranceSource, completeness?: string): string {
  return `/${queryOf({ ...moments, source, sourceName, completeness })}`;
}

function SourceDetails(props: SourcesProps & { readonly of: AssuranceSource }) {
  const { of, targetShare } = props;
  return (
    <details class="panel" open={of.share !== null && of.share < targetShare}>
      <summary>
        {of.sourceName} <span class="source-kind">{sourceWords[of.source]}</span> by day
        {of.reasons.length === 0 ? '' : ', and why calls are not whole'}
      </summary>
      {of.reasons.length === 0 ? null : (
        <ul class="assurance-reasons">
          {of.reasons.map(({ verdict, reason, count }) => (
            <li key={`${verdict} ${reason}`}>
              <a href={callsOf(props, of, verdict)}>
                {count.toLocaleString()} {verdictWords[verdict]}
              </a>{' '}
              {reason === null ? 'No reason was noted.' : reasonSentence(reason)}
            </li>
          ))}
        </ul>
      )}
      <div class="table-frame" role="region" aria-label={`${of.sourceName} by day`} tabIndex={0}>
        <table class="table">
          <thead>
            <CountHeads first="Day" />
          </thead>
          <tbody>
            {of.days.map((day) => (
              <tr key={day.day}>
                <th scope="row" class="day">
                  {day.day}
                </th>
                <CountCells counts={day} targetShare={targetShare} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function CountHeads({ first }: { readonly first: string }) {
  return (
    <tr>
      <th scope="col">{first}</th>
      <th scope="col">Share complete</th>
      {heads.map((head) => (
        <th key={head} scope="col" class="numeric">
          {head}
        </th>
      ))}
    </tr>
  );
}

function CountCells({ counts, targetShare }: { readonly counts: AssuranceCounts; readonly targetShare: number }) {
  const { calls, complete, partial, missing, excluded, share } = counts;
  return (
    <>
      <td>
        <ShareBar share={share} target={targetShare} />
      </td>
      {[calls, complete, partial, missing, excluded].map((count, index) => (
        <td key={heads[index]} class="numeric">
          {count.toLocaleString()}
        </td>
      ))}
    </>
  );
}
