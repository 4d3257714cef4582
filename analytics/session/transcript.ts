import type { SpeakerTurn, Word } from '#asr/types.ts';
import { newId } from '#lib/ids.ts';
import type { ChannelSide, Party } from '#sip/types.ts';
import type { Speech } from '../metrics/call-metrics.ts';
import type { ReleasedSegment } from '../redaction/types.ts';
import { scoreSentiment } from '../sentiment/score.ts';
import { partedAt, partedBySpeaker } from '../speakers/pieces.ts';
import { SideVoices } from '../speakers/side-voices.ts';
import type { NamedVoice, VoiceSample } from '../speakers/types.ts';
import type { Utterance } from '../types.ts';
import { spokenText, tokensOf } from '../words.ts';
import type { CallRecord } from './call-record.ts';
import { writtenWords } from './written-words.ts';

/** An utterance of a new revision, or a new one. */
export interface Revised {
  readonly utterance: Utterance;
  /** Of the first of its segment. */
  readonly segmentId: string | null;
}

/** Parts of a segment, an utterance each; they have its words between them. */
interface Piece {
  readonly utterance: Utterance;
  /** Words from here on are its own; those before belong to the piece before. Of the first nothing is before. */
  readonly fromMs: number;
  /** Who speaks where voices tell nothing. */
  readonly base: string;
}

/** What has been released of a call, as utterances: each of one speaker, as far as speakers are told apart. */
export class Transcript {
  readonly #record: CallRecord;
  readonly #pieces = new Map<string, readonly Piece[]>();
  readonly #voices = new Map<ChannelSide, SideVoices>();
  /** By id, as it was last given out. */
  readonly #told = new Map<string, Utterance>();

  constructor(record: CallRecord) {
    this.#record = record;
  }

  /** In order; one at least. */
  add(segment: ReleasedSegment): readonly Revised[] {
    const voices = this.#voicesOf(segment.side);
    const words = voices.labelled(writtenWords(segment.words, segment.written));
    const parts = partedBySpeaker(words);
    const pieces = parts.map((part, index): Piece => {
      const startMs = index === 0 ? segment.startMs : (part[0]?.startMs ?? segment.startMs);
      const endMs = index === parts.length - 1 ? segment.endMs : (part.at(-1)?.endMs ?? segment.endMs);
      const said = textOf(part);
      const { callId, parties } = this.#record.call;
      const party = partyOf({ side: segment.side, startMs }, parties);
      const base = party?.displayName ?? segment.side;
      const utterance: Utterance = {
        utteranceId: newId(),
        callId,
        side: segment.side,
        partyId: party?.partyId ?? null,
        speaker: base,
        startMs,
        endMs,
        ...said,
        confidence: parts.length === 1 ? segment.confidence : meanConfidence(part),
        language: segment.language,
        sentiment: scoreSentiment(said.text),
        revision: 1,
      };
      const speaker = part.find((word) => word.speaker !== undefined)?.speaker;
      return { fromMs: startMs, base, utterance: voices.named(utterance, base, speaker) };
    });
    return this.#tell(segment.segmentId, pieces);
  }

  /** What was found late, those utterances alone that say something else now; none where nothing had been kept. */
  rewrite(segment: ReleasedSegment): readonly Revised[] {
    const before = this.#pieces.get(segment.segmentId);
    if (before === undefined) return [];
    const words = writtenWords(segment.words, segment.written);
    const parts = partedAt(
      words,
      before.slice(1).map(({ fromMs }) => fromMs),
    );
    const after = before.map((piece, index): Piece => {
      const said = textOf(parts[index] ?? []);
      if (said.text === piece.utterance.text) return piece;
      return { ...piece, utterance: { ...piece.utterance, ...said, sentiment: scoreSentiment(said.text) } };
    });
    return this.#tell(segment.segmentId, after);
  }

  /**
   * All that is known by now of who speaks when on a side. While more may come, utterances change their speaker; when it
   * is settled, those in which it changes are parted too. @returns what has changed, in order
   */
  toldApart(side: ChannelSide, turns: readonly SpeakerTurn[], settled: boolean): readonly Revised[] {
    const voices = this.#voicesOf(side);
    voices.told(turns, settled);
    return this.#nameAnew(side, (piece) => (settled ? partedAnew(piece, voices) : [piece]));
  }

  /** Whose voices they are. @returns what has changed, in order */
  identified(named: readonly NamedVoice[]): readonly Revised[] {
    for (const { side, label, speakerId, name, probability } of named) {
      this.#voicesOf(side).identified(label, { name, match: { speakerId, probability } });
    }
    const sides = new Set(named.map(({ side }) => side));
    return [...sides].flatMap((side) => this.#nameAnew(side, (piece) => [piece]));
  }

  /** Each voice with where it is heard: of every side, or of its speakers where they are told apart. */
  voices(): readonly VoiceSample[] {
    const byVoice = Map.groupBy(this.#utterances(), ({ side, voice }) => `${side} ${voice?.label ?? ''}`);
    return [...byVoice.values()].map((spoken): VoiceSample => {
      const side = spoken[0]?.side ?? 'mixed';
      const label = spoken[0]?.voice?.label ?? null;
      return { side, label, stretches: this.#voicesOf(side).heardAlone(label, spoken) };
    });
  }

  /** Turns of the sides whose speakers have been told apart. */
  turns(): ReadonlyMap<ChannelSide, readonly SpeakerTurn[]> {
    return new Map(
      [...this.#voices].filter(([, { isApart }]) => isApart).map(([side, { turns }]) => [side, turns] as const),
    );
  }

  speech(): Speech[] {
    return this.#utterances().map((utterance) => {
      const { side, startMs, endMs, sentiment, voice } = utterance;
      const words = tokensOf(spokenText(utterance)).length;
      return { side, startMs, endMs, words, sentiment, label: voice?.label ?? null };
    });
  }

  #utterances(): readonly Utterance[] {
    return [...this.#pieces.values()].flatMap((pieces) => pieces.map(({ utterance }) => utterance));
  }

  #voicesOf(side: ChannelSide): SideVoices {
    const voices = this.#voices.get(side) ?? new SideVoices(side);
    this.#voices.set(side, voices);
    return voices;
  }

  /** Every utterance of a side, by what is known now of its voices. */
  #nameAnew(side: ChannelSide, part: (piece: Piece) => readonly Piece[]): readonly Revised[] {
    const voices = this.#voicesOf(side);
    return [...this.#pieces].flatMap(([segmentId, pieces]) => {
      if (pieces[0]?.utterance.side !== side) return [];
      const after = pieces
        .flatMap(part)
        .map((piece) => ({ ...piece, utterance: voices.named(piece.utterance, piece.base) }));
      return this.#tell(segmentId, after);
    });
  }

  /** Takes what a segment has become. @returns what is new in it, with its revision */
  #tell(segmentId: string, pieces: readonly Piece[]): readonly Revised[] {
    const fresh: Revised[] = [];
    const told = pieces.map((piece, index): Piece => {
      const { utteranceId } = piece.utterance;
      const before = this.#told.get(utteranceId);
      if (before === piece.utterance) return piece;
      const utterance = Object.freeze({ ...piece.utterance, revision: (before?.revision ?? 0) + 1 });
      this.#told.set(utteranceId, utterance);
      fresh.push({ utterance, segmentId: index === 0 ? segmentId : null });
      return { ...piece, utterance };
    });
    this.#pieces.set(segmentId, told);
    return fresh;
  }
}

/** Parted where the speaker changes within it. */
function partedAnew(piece: Piece, voices: SideVoices): readonly Piece[] {
  const { utterance } = piece;
  const parts = partedBySpeaker(voices.labelled(utterance.words, utterance.voice?.label ?? undefined));
  if (parts.length === 1) return [piece];
  return parts.map((part, index): Piece => {
    const startMs = index === 0 ? utterance.startMs : (part[0]?.startMs ?? utterance.startMs);
    const endMs = index === parts.length - 1 ? utterance.endMs : (part.at(-1)?.endMs ?? utterance.endMs);
    const said = textOf(part);
    const utteranceId = index === 0 ? utterance.utteranceId : newId();
    const confidence = meanConfidence(part);
    const sentiment = scoreSentiment(said.text);
    const apart = { ...utterance, ...said, utteranceId, startMs, endMs, confidence, sentiment };
    return { ...piece, fromMs: index === 0 ? piece.fromMs : startMs, utterance: apart };
  });
}

/** Who says a word stands with the utterance: later it may be known better. */
function textOf(part: readonly Word[]): Pick<Utterance, 'text' | 'words'> {
  const words = part.map(({ speaker: _speaker, ...word }) => word);
  return { words, text: words.map(({ text }) => text).join(' ') };
}

function meanConfidence(words: readonly Word[]): number {
  return words.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, words.length);
}

/** Who is on this side at that time; of several on one stream nobody can tell. */
function partyOf({ side, startMs }: Pick<Utterance, 'side' | 'startMs'>, parties: readonly Party[]): Party | undefined {
  const there = parties.filter((party) => party.side === side);
  const then = there.filter(({ joinedMs, leftMs }) => joinedMs <= startMs && (leftMs === null || startMs < leftMs));
  const [party] = then.length > 0 ? then : there;
  return side === 'mixed' && there.length > 1 ? undefined : party;
}
