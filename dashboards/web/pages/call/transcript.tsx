import { useEffect, useRef } from 'preact/hooks';
import { reasonSentence } from '../../client/assurance-words.ts';
import { clockTime } from '../../client/format.ts';
import { isAdmin } from '../../client/session.ts';
import { sideName, speakerName } from '../../client/sides.ts';
import { MaskedText } from '../../parts/masked-text.tsx';
import { Empty } from '../../parts/problem.tsx';
import type { CallAnswer } from '../../../api/answers.ts';
import type { CallModel } from './call-state.ts';
import { happeningsOf, woven } from './happenings.ts';
import type { Player } from './player.ts';
import { UtteranceRow } from './utterance-row.tsx';

/**
 * Who said what, the caller left, the callee right and others between them, with lines for who came and went, pauses and
 * holds; what is being said now comes grey and last.
 */
export function Transcript(props: {
  readonly model: CallModel;
  readonly view: CallAnswer;
  readonly player: Player | undefined;
  /** The utterance that somebody came for. */
  readonly foundId: string | undefined;
}) {
  const { model, view, player, foundId } = props;
  const utterances = model.utterances.value;
  const partials = model.partials.value;
  const end = useRef<HTMLDivElement>(null);
  const isLive = view.live;
  useEffect(() => {
    // A live transcript is followed as long as its end is in sight.
    const box = end.current?.getBoundingClientRect();
    if (isLive && box !== undefined && box.top < innerHeight + 240) end.current?.scrollIntoView({ block: 'nearest' });
  }, [isLive, utterances, partials]);
  const titles = new Map<string, string[]>();
  for (const finding of view.findings) {
    for (const id of finding.utteranceIds) titles.set(id, [...(titles.get(id) ?? []), finding.title]);
  }
  const happenings = happeningsOf(view);
  const canCorrect = isAdmin.value && !isLive && view.state === 'ended';
  const isEmpty = utterances.length === 0 && partials.length === 0;
  return (
    <>
      {isEmpty ? (
        <Empty title={emptyTitle(view)}>{isLive ? 'Words appear here as they are spoken.' : undefined}</Empty>
      ) : null}
      {isEmpty && happenings.length === 0 ? null : (
        <ol class="transcript" aria-label="Transcript" onKeyDown={moveByArrows}>
          {woven(utterances, happenings).map((each) =>
            'says' in each ? (
              <li key={`${each.atMs} ${each.says}`} class="happening">
                <time>{clockTime(each.atMs)}</time> {each.says}
              </li>
            ) : (
              <UtteranceRow
                key={each.utteranceId}
                utterance={each}
                player={player}
                name={speakerName(view.parties, each)}
                isFound={each.utteranceId === foundId}
                findings={titles.get(each.utteranceId) ?? []}
                onCorrected={canCorrect ? () => model.reload() : undefined}
              />
            ),
          )}
          {partials.map(({ side, segmentId, words }) => (
            <li key={segmentId} class={`row row-${side} row-partial`} aria-live="off">
              <div class="row-head">
                <span class={`speaker speaker-${side}`}>{sideName(view.parties, side)}</span>
                <span class="row-time">speaking …</span>
              </div>
              <p class="row-text">
                <MaskedText text={words.map((word) => word.text).join(' ')} />
              </p>
            </li>
          ))}
        </ol>
      )}
      <div ref={end} />
    </>
  );
}

function emptyTitle(view: CallAnswer): string {
  const { assurance } = view;
  if (assurance?.verdict === 'missing' || assurance?.verdict === 'excluded') return reasonSentence(assurance.reason);
  return view.live ? 'Nobody has spoken yet.' : 'Nothing was said, or nothing was understood.';
}

/** Up and down go from utterance to utterance. */
function moveByArrows(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  if (!(event.currentTarget instanceof HTMLElement)) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button.row-time')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const next = buttons[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (at === -1 || next === undefined) return;
  event.preventDefault();
  next.focus();
}
