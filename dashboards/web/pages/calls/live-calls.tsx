import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { clockTime, partyName, sideParty } from '../../client/format.ts';
import { hear, type Connection } from '../../client/live.ts';
import { MaskedText } from '../../parts/masked-text.tsx';
import { withMessage, type LastWords, type LiveBoard, type LiveCall } from './live-state.ts';

/** The running calls, as they happen. */
export function LiveCalls() {
  const board = useSignal<LiveBoard>(new Map());
  const nowEpochMs = useSignal(Date.now());
  const connection = useSignal<Connection>('connecting');
  useEffect(() => {
    const stream = hear('/events', (message) => {
      board.value = withMessage(board.value, message);
    });
    const stopWatching = stream.connection.subscribe((state) => (connection.value = state));
    const ticking = setInterval(() => (nowEpochMs.value = Date.now()), 1000);
    return () => {
      stream.close();
      stopWatching();
      clearInterval(ticking);
    };
  }, []);
  const calls = [...board.value.values()].sort((a, b) => b.call.startedAt.localeCompare(a.call.startedAt));
  return (
    <section aria-labelledby="live-title" class="live">
      <div class="section-head">
        <h2 id="live-title">
          Live <span class="count">{calls.length}</span>
        </h2>
        <ConnectionMark state={connection.value} />
      </div>
      {calls.length === 0 ? (
        <p class="quiet-line">No call is running.</p>
      ) : (
        <ul class="live-list">
          {calls.map((live) => (
            <LiveCard key={live.call.callId} live={live} nowEpochMs={nowEpochMs.value} />
          ))}
        </ul>
      )}
    </section>
  );
}

export function ConnectionMark({ state }: { readonly state: Connection }) {
  const says = { connecting: 'connecting …', live: 'updating live', lost: 'connection lost, trying again …' };
  return (
    <span class={`connection connection-${state}`} role="status">
      {says[state]}
    </span>
  );
}

function LiveCard({ live, nowEpochMs }: { readonly live: LiveCall; readonly nowEpochMs: number }) {
  const { call } = live;
  const since = call.answeredAt ?? call.startedAt;
  const names = `${partyName(sideParty(call, 'caller'))} → ${partyName(sideParty(call, 'callee'))}`;
  return (
    <li class="live-card">
      <div class="live-card-head">
        <span class={`pulse pulse-${call.state}`} aria-hidden="true" />
        <a class="live-card-link" href={`/calls/${call.callId}`}>
          {names}
        </a>
        <span class="live-card-time">
          {call.state === 'ended' ? (
            'being finished'
          ) : (
            <>
              {call.state === 'ringing' ? 'ringing ' : ''}
              <time>{clockTime(nowEpochMs - Date.parse(since))}</time>
            </>
          )}
        </span>
      </div>
      <Said side="caller" words={live.caller} />
      <Said side="callee" words={live.callee} />
    </li>
  );
}

function Said({ side, words }: { readonly side: 'caller' | 'callee'; readonly words: LastWords }) {
  if (words.text === '') return null;
  return (
    <p class={`said said-${side} ${words.partial ? 'said-partial' : ''}`}>
      <span class="said-side">{side}</span> <MaskedText text={words.text} />
    </p>
  );
}
