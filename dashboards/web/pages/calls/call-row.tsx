import type { CallItem } from '../../../api/answers.ts';
import { clockTime, kebabToWords, partyName, sideParty } from '../../client/format.ts';
import { Moment } from '../../parts/moment.tsx';
import { SentimentMark, SeverityChip } from '../../parts/marks.tsx';

export function CallRow({ call }: { readonly call: CallItem }) {
  const { findingsCount, worstSeverity, sentiment } = call;
  return (
    <tr>
      <td>
        <a href={`/calls/${call.callId}`} class="row-link">
          <Moment at={call.startedAt} />
        </a>
      </td>
      <td class="who-cell">
        {partyName(sideParty(call, 'caller'))} <span class="faint">→</span> {partyName(sideParty(call, 'callee'))}
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
          <>
            <span class="sentiment-side">caller</span> <SentimentMark score={sentiment.caller} label="caller" />
            <span class="sentiment-side">callee</span> <SentimentMark score={sentiment.callee} label="callee" />
          </>
        )}
      </td>
      <td>
        <Kept call={call} />
      </td>
    </tr>
  );
}

function Kept({ call }: { readonly call: CallItem }) {
  if (call.completeness === 'excluded') return <span class="chip">not kept</span>;
  if (call.notes.some((note) => note.note === 'unredacted')) return <span class="chip chip-bad">unredacted</span>;
  if (call.completeness === 'partial') return <span class="chip chip-warn">partial</span>;
  if (call.completeness === 'pending')
    return <span class="chip">{call.state === 'ended' ? 'being finished' : 'in progress'}</span>;
  return <span class="faint">{call.hasRecording ? 'text, sound' : 'text'}</span>;
}
