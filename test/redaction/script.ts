import type { TalkSide } from '#sip/types.ts';

/** A written call: what each side says, and what of it must never be seen or heard again. */

export type SecretKind = 'card' | 'cvv' | 'pin' | 'expiry';

export interface ScriptPart {
  /** Plain words, to be spoken as they are. */
  readonly text: string;
  /** Silence before it. */
  readonly pauseMs: number;
  /**
   * Parts of one secret stretch carry one name; from the first word of the first to the last word of the last, both
   * channels must be silent. Null: not secret.
   */
  readonly stretch: string | null;
  readonly kind: SecretKind | null;
  /** DTMF keys pressed after the pause, 100 ms each with 100 ms between; the part's text is then empty. */
  readonly keys: string;
}

export interface ScriptTurn {
  readonly side: TalkSide;
  readonly parts: readonly ScriptPart[];
}

export interface CallScript {
  readonly name: string;
  readonly turns: readonly ScriptTurn[];
  /** The numbers said, as digits. */
  readonly cards: readonly string[];
  readonly codes: readonly string[];
  readonly pins: readonly string[];
  /** Numbers named as something else, which should stay. */
  readonly orders: readonly string[];
  /** Its digits are to be spliced from recordings of people, where there are any. */
  readonly spliced: boolean;
  readonly lossPercent: number;
  /** Picks the two voices, from 0; at least ten different ones over the forty calls. */
  readonly voice: Readonly<Record<TalkSide, number>>;
}

export function say(text: string, pauseMs = 0): ScriptPart {
  return { text, pauseMs, stretch: null, kind: null, keys: '' };
}

export function secret(kind: SecretKind, stretch: string, text: string, pauseMs = 0): ScriptPart {
  return { text, pauseMs, stretch, kind, keys: '' };
}

export function press(keys: string, pauseMs = 0): ScriptPart {
  return { text: '', pauseMs, stretch: null, kind: 'pin', keys };
}

/** Where each part lies on the call's timeline. */
export interface PlacedPart {
  readonly side: TalkSide;
  readonly part: ScriptPart;
  /** Which of the script's turns it belongs to. */
  readonly turn: number;
  readonly startMs: number;
  readonly endMs: number;
}

export interface SecretStretch {
  readonly stretch: string;
  readonly kind: SecretKind;
  readonly startMs: number;
  readonly endMs: number;
}

/** Lays the turns one after the other; `lengthMs` says how long a part takes to say. */
export function placeParts(
  script: CallScript,
  turnGapMs: number,
  lengthMs: (part: ScriptPart, side: TalkSide) => number,
): PlacedPart[] {
  const placed: PlacedPart[] = [];
  let atMs = 1000;
  for (const [turn, { side, parts }] of script.turns.entries()) {
    atMs += turnGapMs;
    for (const part of parts) {
      const startMs = atMs + part.pauseMs;
      atMs = startMs + (part.keys === '' ? lengthMs(part, side) : part.keys.length * 200);
      placed.push({ side, part, turn, startMs, endMs: atMs });
    }
  }
  return placed;
}

export function secretStretches(placed: readonly PlacedPart[]): SecretStretch[] {
  const found = new Map<string, SecretStretch>();
  for (const { part, startMs, endMs } of placed) {
    if (part.stretch === null || part.kind === null) continue;
    const known = found.get(part.stretch);
    found.set(part.stretch, {
      stretch: part.stretch,
      kind: part.kind,
      startMs: Math.min(startMs, known?.startMs ?? startMs),
      endMs: Math.max(endMs, known?.endMs ?? endMs),
    });
  }
  return [...found.values()];
}
