import { useComputed, useSignal } from '@preact/signals';
import { useId, useMemo } from 'preact/hooks';
import type { Utterance } from '#analytics/types.ts';
import { clockTime } from '../../client/format.ts';
import { voiceClass } from '../../client/voices.ts';
import { bandOf, SentimentMark } from '../../parts/marks.tsx';
import { MaskChip } from '../../parts/masked-text.tsx';
import { isUnsure } from '../../client/word-confidence.ts';
import { CorrectText, TextStory } from './correct-text.tsx';
import type { Player } from './player.ts';
import { tokensOf, type Token } from './tokens.ts';
import { VoiceMarks } from './voice-marks.tsx';

interface RowProps {
  readonly utterance: Utterance;
  readonly player: Player | undefined;
  /** Of the party on that side, for when the speaker is not told apart from it. */
  readonly name: string;
  readonly isFound: boolean;
  /** Titles of findings that rest on it. */
  readonly findings: readonly string[];
  /** Its words were put right; absent where that cannot be done (by this person, or yet). */
  readonly onCorrected: (() => Promise<void>) | undefined;
}

export function UtteranceRow({ utterance, player, name, isFound, findings, onCorrected }: RowProps) {
  const tokens = useMemo(() => tokensOf(utterance), [utterance]);
  // Only the row that is being said hears of each frame; the others of their coming and going.
  const isSaid = useComputed(() => {
    const atMs = player?.currentMs.value ?? -1;
    return player !== undefined && atMs > 0 && atMs >= utterance.startMs && atMs < utterance.endMs;
  });
  const isEdited = useSignal(false);
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
        <span class={`speaker speaker-${utterance.side} ${voiceClass(utterance)}`}>{speaker}</span>
        <VoiceMarks utterance={utterance} />
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
        {onCorrected === undefined || isEdited.value ? null : (
          <button
            type="button"
            class="row-correct"
            onClick={() => (isEdited.value = true)}
            aria-label={`Correct what was said at ${time}`}
          >
            Correct
          </button>
        )}
      </div>
      {isEdited.value && onCorrected !== undefined ? (
        <CorrectText utterance={utterance} onDone={onCorrected} onCancel={() => (isEdited.value = false)} />
      ) : (
        <RowText utterance={utterance} tokens={tokens} player={player} isSaid={isSaid.value} />
      )}
      <TextStory key={utterance.revision} utterance={utterance} />
    </li>
  );
}

function RowText(props: {
  readonly utterance: Utterance;
  readonly tokens: readonly Token[];
  readonly player: Player | undefined;
  readonly isSaid: boolean;
}) {
  const { utterance, tokens, player, isSaid } = props;
  const play = (ms: number): void => player?.playFrom(ms);
  return (
    <p class="row-text" lang={utterance.language}>
      {isSaid && player !== undefined ? (
        <LitWords tokens={tokens} player={player} onPlay={play} />
      ) : (
        tokens.map((token) => <Piece token={token} lit={false} onPlay={player === undefined ? undefined : play} />)
      )}
    </p>
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
  const { startMs, confidence } = token;
  const click = onPlay === undefined || startMs === undefined ? undefined : () => onPlay(startMs);
  return (
    <>
      <span class={`word ${lit ? 'word-lit' : ''} ${click === undefined ? '' : 'word-live'}`} onClick={click}>
        {isUnsure(confidence) ? <Unsure token={token} confidence={confidence} /> : <Text token={token} />}
      </span>{' '}
    </>
  );
}

function Text({ token: { text, spoken } }: { readonly token: Token }) {
  return spoken === undefined ? <>{text}</> : <Written text={text} spoken={spoken} />;
}

/** A word that may well be another one. */
function Unsure({ token, confidence }: { readonly token: Token; readonly confidence: number }) {
  return (
    <span class="word-unsure" title={`Heard with ${Math.round(confidence * 100)} % confidence`}>
      <Text token={token} />
      <span class="unseen"> (unsure)</span>
    </span>
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
