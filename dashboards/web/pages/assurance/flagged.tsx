import type { FlaggedCall, Page } from '#db/types.ts';
import { reasonSentence, verdictWords } from '../../client/assurance-words.ts';
import { clockTime } from '../../client/format.ts';
import { sourceWords } from '../../client/source-words.ts';
import { Moment, Zone } from '../../parts/moment.tsx';
import { Pager } from '../../parts/pager.tsx';

/** The calls that are not whole, each leading to its page. */
export function Flagged(props: {
  readonly flagged: Page<FlaggedCall>;
  readonly isFirst: boolean;
  readonly onNext: (after: string) => void;
}) {
  const { flagged, isFirst, onNext } = props;
  return (
    <section aria-labelledby="flagged">
      <div class="section-head">
        <h2 id="flagged">Calls that are not whole</h2>
      </div>
      {flagged.items.length === 0 ? (
        <p class="quiet-line">None.</p>
      ) : (
        <div class="table-frame">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">
                  Started <Zone />
                </th>
                <th scope="col">Why</th>
                <th scope="col">Source</th>
                <th scope="col" class="numeric">
                  Length
                </th>
              </tr>
            </thead>
            <tbody>
              {flagged.items.map((call) => (
                <tr key={call.callId}>
                  <th scope="row">
                    <a href={`/calls/${call.callId}`} class="row-link">
                      <Moment at={call.startedAt} to="second" />
                    </a>
                  </th>
                  <td class="why">
                    <span class={call.verdict === 'missing' ? 'chip chip-bad' : 'chip chip-warn'}>
                      {verdictWords[call.verdict]}
                    </span>{' '}
                    {call.reason === null ? '' : reasonSentence(call.reason)}
                  </td>
                  <td>
                    {call.sourceName} <span class="source-kind">{sourceWords[call.source]}</span>
                  </td>
                  <td class="numeric">{call.durationMs === null ? '–' : clockTime(call.durationMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager isFirst={isFirst} next={flagged.next} onNext={onNext} />
    </section>
  );
}
