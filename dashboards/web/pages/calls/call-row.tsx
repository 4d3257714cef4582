import type { CallItem } from '../../../api/answers.ts';
import { clockTime, kebabToWords } from '../../client/format.ts';
import { bySideInOrder, whoTalked } from '../../client/sides.ts';
import { sourceWords } from '../../client/source-words.ts';
import { Completeness } from '../../parts/completeness.tsx';
import { Moment } from '../../parts/moment.tsx';
import { SentimentMark, SeverityChip } from '../../parts/marks.tsx';

export function CallRow({ call }: { readonly call: CallItem }) {
  const { findingsCount, worstSeverity, sentiment } = call;
  return (
    <tr>
      <th scope="row">
        <a href={`/calls/${call.callId}`} class="row-link">
          <Moment at={call.startedAt} />
        </a>
      </th>
      <td class="who-cell">{whoTalked(call.parties)}</td>
      <td class="source-cell">
        {call.sourceName} <span class="source-kind">{sourceWords[call.source]}</span>
      </td>
      <td class="numeric">{call.durationMs === null ? '–' : clockTime(call.durationMs)}</td>
      <td>
        {call.termination === null ? (
          <span class="chip chip-live">{call.state}</span>
        ) : (
          <span class={`result result-${call.termination.result}`}>{kebabToWords(call.termination.reason)}</span>
        )}
      </td>
      <td>
        {worstSeverity === null ? (
          <span class="faint">none</span>
        ) : (
          <>
            <SeverityChip severity={worstSeverity} />{' '}
            {findingsCount > 1 ? <span class="faint">+{findingsCount - 1}</span> : null}
          </>
        )}
      </td>
      <td class="sentiment-cell">
        {sentiment === null ? (
          <span class="faint">–</span>
        ) : (
          bySideInOrder(sentiment).map(([side, score]) => (
            <span key={side} class="sentiment-of-side">
              <span class="sentiment-side">{side}</span> <SentimentMark score={score} label={side} />
            </span>
          ))
        )}
      </td>
      <td>
        <Kept call={call} />
      </td>
    </tr>
  );
}

function Kept({ call }: { readonly call: CallItem }) {
  const isUnredacted = call.notes.some((note) => note.note === 'unredacted');
  return (
    <>
      {isUnredacted ? <span class="chip chip-bad">unredacted</span> : null} <Completeness call={call} />
    </>
  );
}
