import { sourceWords } from '../../client/source-words.ts';
import { queryOf } from '../../client/api.ts';
import { Moment } from '../../parts/moment.tsx';
import type { SourceItem } from '../../../api/schemas/sources.ts';
import { Ladder } from './ladder.tsx';
import { Quality } from './quality.tsx';

/** One sender: how it is doing, what was refused and what to change, its last dialog and the sound of its last call. */
export function SourceCard({ item, index }: { readonly item: SourceItem; readonly index: number }) {
  const { source, sourceName, addresses, callsNow, calls, refused, remarks, ladder, lastCall } = item;
  const titleId = `source-${index}`;
  return (
    <section class="panel source" aria-labelledby={titleId}>
      <div class="source-head">
        <h2 id={titleId}>
          {sourceName} <span class="source-kind">{sourceWords[source]}</span>
        </h2>
        <span class={callsNow > 0 ? 'chip chip-live' : 'chip'}>
          {callsNow} {callsNow === 1 ? 'call' : 'calls'} now
        </span>
      </div>
      <dl class="source-facts">
        <div>
          <dt>Last seen</dt>
          <dd>
            <Moment at={item.lastSeenAt} to="second" />
          </dd>
        </div>
        {addresses.length === 0 ? null : (
          <div>
            <dt>From</dt>
            <dd>
              <code>{addresses.join(', ')}</code>
            </dd>
          </div>
        )}
        <div>
          <dt>Calls since the server started</dt>
          <dd>
            <a href={`/${queryOf({ source, sourceName })}`}>{calls.toLocaleString()}</a>
          </dd>
        </div>
      </dl>
      {refused.length === 0 ? null : <Refused refused={refused} />}
      {remarks.length === 0 ? null : <Amiss remarks={remarks} />}
      {ladder.length === 0 ? null : (
        <details>
          <summary>Last SIP dialog, {ladder.length} messages</summary>
          <Ladder messages={ladder} />
        </details>
      )}
      {lastCall === null ? null : (
        <div class="source-last">
          <p>
            <a href={`/calls/${lastCall.callId}`}>
              Last call, <Moment at={lastCall.startedAt} to="second" />
            </a>
            {lastCall.live ? ': still running' : lastCall.legs === null ? ': without sound' : ', and how it came in:'}
          </p>
          {lastCall.legs === null ? null : <Quality legs={lastCall.legs} />}
        </div>
      )}
    </section>
  );
}

/** Calls that are there, and lack something that their sender could have sent. */
function Amiss({ remarks }: { readonly remarks: SourceItem['remarks'] }) {
  return (
    <ul class="refusals amiss" aria-label="Taken, with something amiss">
      {remarks.map(({ reason, remedy, count, lastAt, lastCallId }) => (
        <li key={`${reason} ${remedy}`}>
          <span class="chip chip-warn">{reason}</span> {count === 1 ? 'once' : `${count.toLocaleString()} times`}, and
          taken all the same,{' '}
          <a href={`/calls/${lastCallId}`}>
            last <Moment at={lastAt} to="second" />
          </a>
          <p class="remedy">{remedy}</p>
        </li>
      ))}
    </ul>
  );
}

function Refused({ refused }: { readonly refused: SourceItem['refused'] }) {
  return (
    <ul class="refusals" aria-label="Refused">
      {refused.map(({ reason, remedy, count, lastAt }) => (
        <li key={reason}>
          <span class="chip chip-bad">{reason}</span> refused {count === 1 ? 'once' : `${count.toLocaleString()} times`}
          , last <Moment at={lastAt} to="second" />
          <p class="remedy">{remedy}</p>
        </li>
      ))}
    </ul>
  );
}
