import { writtenSpans } from '#asr/numbers/written.ts';
import type { AsrEvent, Word } from '#asr/types.ts';
import { talkSides, type ChannelSide, type TalkSide } from '#sip/types.ts';
import { placeParts, secretStretches, type CallScript, type PlacedPart, type SecretStretch } from './script.ts';

/** Script -> the events of a recogniser that makes the mistakes recognisers make with digits. Deterministic. */

/** Shares of digit words (0..1) to which each mistake happens; of segments under 1.2 s for `noText`. */
export interface RecogniserMistakes {
  readonly drop: number;
  readonly double: number;
  /** Two digits read as one figure: `41`. */
  readonly join: number;
  readonly homophone: number;
  /** Whole groups written in figures: `4111`, `41-11`, `4,111`. */
  readonly figures: number;
  readonly noText: number;
}

export const noMistakes: RecogniserMistakes = { drop: 0, double: 0, join: 0, homophone: 0, figures: 0, noText: 0 };

/** The channels of the call, and which of them carries a turn. */
export interface HeardOn {
  readonly sides: readonly ChannelSide[];
  readonly of: (side: TalkSide, turn: number) => ChannelSide;
  /** Between two turns. */
  readonly turnGapMs: number;
}

export const heardApart: HeardOn = { sides: talkSides, of: (side) => side, turnGapMs: 900 };

/** Of the agent's turns a colleague says every second. */
export const heardOfThree: HeardOn = {
  sides: ['caller', 'callee', 'other'],
  of: (side, turn) => (side === 'callee' && turn % 4 === 2 ? 'other' : side),
  turnGapMs: 900,
};
export const heardMixed: HeardOn = { sides: ['mixed'], of: () => 'mixed', turnGapMs: 900 };

export interface SimulatedCall {
  readonly events: readonly AsrEvent[];
  readonly stretches: readonly SecretStretch[];
  readonly endMs: number;
}

const wordMs = 320;
/** A pause that ends a segment. */
const segmentPauseMs = 700;

const homophones: Readonly<Record<string, string>> = {
  one: 'won',
  two: 'to',
  four: 'for',
  eight: 'ate',
  oh: 'owe',
  zero: 'oh',
};
const digitWords = 'zero one two three four five six seven eight nine'.split(' ');
const digitsOfWords = new Map([...digitWords.entries()].map(([value, word]) => [word, String(value)]));

export function simulateCall(
  script: CallScript,
  mistakes: RecogniserMistakes,
  random: () => number,
  heardOn: HeardOn,
): SimulatedCall {
  const placed = placeParts(script, heardOn.turnGapMs, ({ text }) => text.split(' ').length * wordMs);
  const endMs = (placed.at(-1)?.endMs ?? 0) + 1000;
  const events: AsrEvent[] = [];
  for (const [index, segment] of segmentsOf(placed, heardOn).entries()) {
    events.push(...segmentEvents(segment, `segment-${index}`, mistakes, random, heardOn));
  }
  for (const side of heardOn.sides) events.push({ type: 'finished', callId: 'call', side, endMs });
  return { events, stretches: secretStretches(placed), endMs };
}

function segmentsOf(placed: readonly PlacedPart[], { of }: HeardOn): PlacedPart[][] {
  const segments: PlacedPart[][] = [];
  for (const part of placed) {
    if (part.part.keys !== '') continue;
    const last = segments.at(-1);
    const before = last?.at(-1);
    const goesOn = before && of(before.side, before.turn) === of(part.side, part.turn);
    if (last && goesOn && part.startMs - before.endMs < segmentPauseMs) last.push(part);
    else segments.push([part]);
  }
  return segments;
}

function segmentEvents(
  parts: readonly PlacedPart[],
  segmentId: string,
  mistakes: RecogniserMistakes,
  random: () => number,
  heardOn: HeardOn,
): AsrEvent[] {
  const callId = 'call';
  const { startMs, ...first } = parts[0]!;
  const side = heardOn.of(first.side, first.turn);
  const others = heardOn.sides.filter((other) => other !== side);
  const { endMs } = parts.at(-1)!;
  const progress = (of: typeof side, decidedMs: number, heardMs: number): AsrEvent => ({
    type: 'progress',
    callId,
    side: of,
    decidedMs,
    heardMs,
  });
  const open = [...others, side].map((of) => progress(of, startMs, startMs));
  const after = [...others, side].map((of) => progress(of, endMs, endMs + 200));
  if (endMs - startMs < 1200 && random() < mistakes.noText) {
    return [...open, { type: 'no-words', callId, side, segmentId, startMs, endMs }, ...after];
  }
  const words = parts.flatMap((part) => heardWords(part, mistakes, random));
  if (words.length === 0) return [...open, { type: 'no-words', callId, side, segmentId, startMs, endMs }, ...after];
  const text = words.map((word) => word.text).join(' ');
  const partials = words.map((_, index): AsrEvent => ({
    type: 'partial',
    callId,
    side,
    segmentId,
    words: words.slice(0, index + 1),
  }));
  const final: AsrEvent = {
    type: 'final',
    callId,
    side,
    segmentId,
    startMs,
    endMs,
    text,
    words,
    confidence: 0.9,
    language: 'en',
    written: writtenSpans(words),
  };
  return [...open, ...partials, final, ...after];
}

function heardWords({ part, startMs }: PlacedPart, mistakes: RecogniserMistakes, random: () => number): Word[] {
  const said = part.text.split(' ');
  const heard: { text: string; index: number; length: number; wrong: boolean }[] = [];
  const secretPart = part.stretch !== null;
  const figures = random() < mistakes.figures && said.every((word) => digitsOfWords.has(word)) && said.length <= 4;
  if (figures) {
    const digits = said.map((word) => digitsOfWords.get(word)).join('');
    const style = Math.floor(random() * 3);
    const written =
      style === 1
        ? digits.replace(/^(\d\d)(?=\d)/, '$1-')
        : style === 2
          ? digits.replace(/^(\d)(?=\d{3})/, '$1,')
          : digits;
    heard.push({ text: written, index: 0, length: said.length, wrong: false });
  } else {
    for (let index = 0; index < said.length; index++) {
      const text = said[index]!;
      const digit = digitsOfWords.get(text);
      if (!secretPart || digit === undefined) {
        heard.push({ text, index, length: 1, wrong: false });
        continue;
      }
      const next = digitsOfWords.get(said[index + 1] ?? '');
      const homophone = homophones[text];
      if (random() < mistakes.drop) continue;
      if (next !== undefined && random() < mistakes.join) {
        heard.push({ text: digit + next, index, length: 2, wrong: true });
        index++;
      } else if (homophone !== undefined && random() < mistakes.homophone) {
        heard.push({ text: homophone, index, length: 1, wrong: true });
      } else {
        heard.push({ text, index, length: 1, wrong: false });
        if (random() < mistakes.double) heard.push({ text, index, length: 1, wrong: true });
      }
    }
  }
  return heard.map(({ text, index, length, wrong }) => ({
    text,
    startMs: startMs + index * wordMs,
    endMs: startMs + (index + length) * wordMs - 20,
    confidence: wrong ? 0.4 + random() * 0.4 : 0.7 + random() * 0.3,
  }));
}
