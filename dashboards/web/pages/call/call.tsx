import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { api, sayProblem } from '../../client/api.ts';
import { voicesIn } from '../../client/voices.ts';
import { query } from '../../client/router.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { CallHeader } from './call-header.tsx';
import type { CallAnswer } from '../../../api/answers.ts';
import { openCall, type CallModel } from './call-state.ts';
import { CompletenessPanel } from './completeness-panel.tsx';
import { HistoryPanel } from './history-panel.tsx';
import type { Peaks } from './lanes.ts';
import { FindingsPanel, RedactionsPanel } from './panels.tsx';
import { createPlayer, type Player } from './player.ts';
import { SentimentPanel } from './sentiment-panel.tsx';
import { TalkPanel } from './talk-panel.tsx';
import { Transcript } from './transcript.tsx';
import { Waveform } from './waveform.tsx';

export function CallPage({ callId }: { readonly callId: string }) {
  const model = useMemo(() => openCall(callId), [callId]);
  useEffect(() => () => model.close(), [model]);
  const view = model.view.value;
  if (model.problem.value !== '') return <ProblemNote message={model.problem.value} />;
  if (view === undefined) return <p class="quiet-line">Opening the call …</p>;
  return <OpenedCall model={model} view={view} />;
}

function OpenedCall({ model, view }: { readonly model: CallModel; readonly view: CallAnswer }) {
  const { callId } = view;
  const hasSound = view.recording !== null;
  const player = useMemo(() => (hasSound ? createPlayer(callId) : undefined), [callId, hasSound]);
  useEffect(() => () => player?.close(), [player]);
  useSpaceBar(player);
  const foundId = useMoment(model, player);
  return (
    <>
      <CallHeader model={model} view={view} />
      <div class="call-grid">
        <section class="call-main" aria-label="Conversation">
          {player === undefined ? null : <Sound view={view} player={player} />}
          <Transcript model={model} view={view} player={player} foundId={foundId.value} />
        </section>
        <aside class="call-side" aria-label="What was found">
          <FindingsPanel view={view} utterances={model.utterances.value} player={player} />
          <SentimentPanel metrics={view.metrics} live={view.live} utterances={model.utterances.value} />
          <TalkPanel metrics={view.metrics} voices={voicesIn(model.utterances.value)} />
          <CompletenessPanel view={view} />
          <RedactionsPanel view={view} player={player} />
          <HistoryPanel call={view} />
        </aside>
      </div>
    </>
  );
}

function Sound({ view, player }: { readonly view: CallAnswer; readonly player: Player }) {
  const peaks = useSignal<Peaks | undefined>(undefined);
  const problem = useSignal('');
  useEffect(() => {
    const abort = new AbortController();
    api<Peaks>(`/calls/${view.callId}/peaks`, { signal: abort.signal }).then(
      (value) => (peaks.value = value),
      (thrown: unknown) => {
        if (!abort.signal.aborted) problem.value = sayProblem(thrown);
      },
    );
    return () => abort.abort();
  }, [view.callId]);
  if (problem.value !== '') return <ProblemNote message={problem.value} />;
  return (
    <div class="sound">
      {peaks.value === undefined || view.recording === null ? null : (
        <Waveform peaks={peaks.value} view={view} player={player} />
      )}
    </div>
  );
}

/** Space plays and pauses, wherever on the page one is not typing or on a control of its own. */
function useSpaceBar(player: Player | undefined): void {
  useEffect(() => {
    if (player === undefined) return undefined;
    const press = (event: KeyboardEvent): void => {
      const on =
        event.target instanceof Element
          ? event.target.closest('input, select, textarea, button, a, summary, dialog')
          : null;
      if (event.key !== ' ' || on !== null) return;
      event.preventDefault();
      player.toggle();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [player]);
}

/**
 * `?t=MS`: shows that moment, and plays it (where the browser lets a page start sound by itself). Gives the id of the
 * utterance that was looked for.
 */
function useMoment(model: CallModel, player: Player | undefined): Signal<string | undefined> {
  const foundId = useSignal<string | undefined>(undefined);
  const text = query.value.get('t');
  const askedMs = text === null ? undefined : Number(text);
  const isThere = model.utterances.value.length > 0;
  const done = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (askedMs === undefined || !Number.isFinite(askedMs) || !isThere || done.current === askedMs) return;
    done.current = askedMs;
    player?.playFrom(askedMs);
    const said = model.utterances.value.findLast((utterance) => utterance.startMs <= askedMs + 50);
    const row = said === undefined ? null : document.getElementById(`u-${said.utteranceId}`);
    row?.scrollIntoView({ block: 'center' });
    foundId.value = said?.utteranceId;
    row?.querySelector<HTMLButtonElement>('button.row-time')?.focus({ preventScroll: true });
  }, [askedMs, isThere, player]);
  return foundId;
}
