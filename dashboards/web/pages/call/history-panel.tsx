import type { ComponentChildren } from 'preact';
import type { Call } from '#analytics/types.ts';
import { verdictWords } from '../../client/assurance-words.ts';
import { clockTime, kebabToWords } from '../../client/format.ts';
import { sourceWords } from '../../client/source-words.ts';
import { Moment } from '../../parts/moment.tsx';
import { Panel } from './panels.tsx';

/** What happened to the call, and what its peers and this server call it. */
export function HistoryPanel({ call }: { readonly call: Call }) {
  return (
    <Panel title="History">
      <ol class="history">
        <HistoryLine at={<Moment at={call.startedAt} to="second" />} says="Began" />
        {call.answeredAt === null ? null : (
          <HistoryLine at={<Moment at={call.answeredAt} to="second" />} says="Answered" />
        )}
        {call.notes.map((note) => (
          <HistoryLine
            at={note.atMs === null ? '' : `${clockTime(note.atMs)} into the call`}
            says={kebabToWords(note.note)}
            detail={note.detail}
          />
        ))}
        {call.endedAt === null ? null : (
          <HistoryLine
            at={<Moment at={call.endedAt} to="second" />}
            says={call.termination === null ? 'Ended' : kebabToWords(call.termination.reason)}
          />
        )}
      </ol>
      <details>
        <summary>Technical details</summary>
        <dl class="facts">
          <dt>Call id</dt>
          <dd>
            <code>{call.callId}</code>
          </dd>
          {call.sipCallIds.map((id) => (
            <>
              <dt>SIP Call-ID</dt>
              <dd>
                <code>{id}</code>
              </dd>
            </>
          ))}
          {call.parties.map((party) => (
            <>
              <dt>{party.role === 'unknown' ? party.side : `${party.side}, ${party.role}`}</dt>
              <dd>
                <code>{party.uri ?? 'withheld'}</code>
              </dd>
            </>
          ))}
          <dt>Came by</dt>
          <dd>
            {call.sourceName} ({sourceWords[call.source]})
          </dd>
          <dt>Kept as</dt>
          <dd>
            {call.record}, {verdictWords[call.completeness]}
          </dd>
          {call.sidesSwapped ? (
            <>
              <dt>Put right</dt>
              <dd>Caller and callee swapped; in the file of the recording the callee is left</dd>
            </>
          ) : null}
        </dl>
      </details>
    </Panel>
  );
}

function HistoryLine(props: { readonly at: ComponentChildren; readonly says: string; readonly detail?: string }) {
  const { detail } = props;
  return (
    <li>
      <span class="faint">{props.at}</span> <span>{props.says}</span>
      {detail === undefined || detail === '' ? null : <span class="faint"> ({detail})</span>}
    </li>
  );
}
