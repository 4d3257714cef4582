import { useComputed } from '@preact/signals';
import { useId, useMemo } from 'preact/hooks';
import type { Utterance } from '#analytics/types.ts';
import { clockTime } from '../../client/format.ts';
import { bandOf, SentimentMark } from '../../parts/marks.tsx';
import { MaskChip } from '../../parts/masked-text.tsx';
import type { Player } from './player.ts';
import { tokensOf, type Token } from './tokens.ts';

interface RowProps {
  readonly utterance: Utterance;
  readonly player: Player | undefined;
  /** Of the party on that side, for when the speaker is not told apart from it. */
  readonly name: string;
  readonly isFound: boolean;
  /** Titles of findings that rest on it. */
  readonly findings: readonly string[];
}

export function UtteranceRow({ utterance, player, name, isFound, findings }: RowProps) {
  const tokens = useMemo(() => tokensOf(utterance), [utterance]);
  // Only the row that is being said hears of each frame; the others of their coming and going.
  const isSaid = useComputed(() => {
    const atMs = player?.currentMs.value ?? -1;
    return player !== undefined && atMs > 0 && atMs >= utterance.startMs && atMs < utterance.endMs;
  });
  const play = (ms: number): void => player?.playFrom(ms);
  const time = clockTime(utterance.startMs);
  const speaker = utterance.speaker === utterance.side ? name : utterance.speaker;
  return (
    <li
      class={`row row-${utterance.side} ${isSaid.value ? 'row-said' : ''} ${isFound ? 'row-found' : ''}`}
      id={`u-${utterance.utteranceId}`}
      data-start-ms={utterance.startMs}
    >
      <div class="row-head">
        <span class={`speaker speaker-${utterance.side}`}>{speaker}</span>
        {speaker === utterance.side ? null : <span class="row-side">{utterance.side}</span>}
        {player === undefined ? (
          <time class="row-time">{time}</time>
        ) : (
          <button
            type="button"
            class="row-time"
            onClick={() => play(utterance.startMs)}
            aria-label={`Play from ${time}`}
          >
            {time}
          </button>
        )}
        {bandOf(utterance.sentiment) === 'neutral' ? null : (
          <SentimentMark score={utterance.sentiment} label="sentiment" />
        )}
        {findings.map((title) => (
          <span key={title} class="chip chip-finding">
            {title}
          </span>
        ))}
      </div>
      <p class="row-text" lang={utterance.language}>
        {isSaid.value && player !== undefined ? (
          <LitWords tokens={tokens} player={player} onPlay={play} />
        ) : (
          tokens.map((token) => <Piece token={token} lit={false} onPlay={player === undefined ? undefined : play} />)
        )}
      </p>
    </li>
  );
}

function LitWords(props: {
  readonly tokens: readonly Token[];
  readonly player: Player;
  readonly onPlay: (ms: number) => void;
}) {
  const { tokens, player, onPlay } = props;
  const litIndex = useComputed(() => {
    const atMs = player.currentMs.value;
    return tokens.findLastIndex((token) => token.startMs !== undefined && token.startMs <= atMs);
  });
  return (
    <>
      {tokens.map((token, index) => (
        <Piece token={token} lit={index === litIndex.value} onPlay={onPlay} />
      ))}
    </>
  );
}

/** A word; a click plays from it (by keyboard one plays from the utterance, and moves with the arrows). */
function Piece(props: {
  readonly token: Token;
  readonly lit: boolean;
  readonly onPlay: ((ms: number) => void) | undefined;
}) {
  const { token, lit, onPlay } = props;
  if (token.mask !== undefined) {
    return (
      <>
        <MaskChip kind={token.mask} />{' '}
      </>
    );
  }
  const { startMs } = token;
  const click = onPlay === undefined || startMs === undefined ? undefined : () => onPlay(startMs);
  return (
    <>
      <span class={`word ${lit ? 'word-lit' : ''} ${click === undefined ? '' : 'word-live'}`} onClick={click}>
        {token.spoken === undefined ? token.text : <Written text={token.text} spoken={token.spoken} />}
      </span>{' '}
    </>
  );
}

/** What was said shows while the pointer or the keyboard is on what is written; a screen reader tells it after that. */
function Written({ text, spoken }: { readonly text: string; readonly spoken: string }) {
  const id = useId();
  return (
    <span class="written" tabIndex={0} aria-describedby={id}>
      {text}
      <span class="written-spoken" role="tooltip" id={id}>
        said: {spoken}
      </span>
    </span>
  );
}
