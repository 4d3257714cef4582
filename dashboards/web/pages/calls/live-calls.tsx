import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { PartySide } from '#sip/types.ts';
import { standingAlarms } from '../../client/alarms.ts';
import { clockTime } from '../../client/format.ts';
import { hear, type Connection } from '../../client/live.ts';
import { bySideInOrder, whoTalked } from '../../client/sides.ts';
import { sourceWords } from '../../client/source-words.ts';
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
  const alarm = standingAlarms(live.findings).at(-1);
  const isPaused = call.pauses.at(-1)?.toMs === null;
  return (
    <li class="live-card">
      <div class="live-card-head">
        <span class={`pulse pulse-${call.state}`} aria-hidden="true" />
        <a class="live-card-link" href={`/calls/${call.callId}`}>
          {whoTalked(call.parties)}
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
      <p class="live-card-source">
        {call.sourceName} <span class="source-kind">{sourceWords[call.source]}</span>{' '}
        {isPaused ? <span class="chip chip-warn">paused</span> : null}{' '}
        {alarm === undefined ? null : <span class="chip chip-bad">{alarm.title}</span>}
      </p>
      {bySideInOrder(live.said).map(([side, words]) => (
        <Said key={side} side={side} words={words} />
      ))}
    </li>
  );
}

function Said({ side, words }: { readonly side: PartySide; readonly words: LastWords }) {
  return (
    <p class={`said said-${side} ${words.partial ? 'said-partial' : ''}`}>
      <span class="said-side">{side}</span> <MaskedText text={words.text} />
    </p>
  );
}
