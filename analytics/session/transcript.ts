import { newId } from '#lib/ids.ts';
import type { Party } from '#sip/types.ts';
import type { Speech } from '../metrics/call-metrics.ts';
import type { ReleasedSegment } from '../redaction/types.ts';
import { scoreSentiment } from '../sentiment/score.ts';
import type { Utterance } from '../types.ts';
import { spokenText, tokensOf } from '../words.ts';
import type { CallRecord } from './call-record.ts';
import { writtenWords } from './written-words.ts';

/** What has been released of a call, as utterances. */
export class Transcript {
  readonly #record: CallRecord;
  /** By segment: what became of it, for a late rewrite. */
  readonly #utterances = new Map<string, Utterance>();

  constructor(record: CallRecord) {
    this.#record = record;
  }

  add(segment: ReleasedSegment): Utterance {
    const { callId, parties } = this.#record.call;
    const party = speakerOf(segment, parties);
    const utterance: Utterance = Object.freeze({
      utteranceId: newId(),
      callId,
      side: segment.side,
      partyId: party?.partyId ?? null,
      speaker: party?.displayName ?? segment.side,
      startMs: segment.startMs,
      endMs: segment.endMs,
      ...asWritten(segment),
      confidence: segment.confidence,
      language: segment.language,
      sentiment: scoreSentiment(segment.text),
      revision: 1,
    });
    this.#utterances.set(segment.segmentId, utterance);
    return utterance;
  }

  /** What was found late; undefined where nothing had been kept of the segment. */
  rewrite(segment: ReleasedSegment): Utterance | undefined {
    const before = this.#utterances.get(segment.segmentId);
    if (before === undefined) return undefined;
    const sentiment = scoreSentiment(segment.text);
    const utterance = Object.freeze({ ...before, ...asWritten(segment), sentiment, revision: before.revision + 1 });
    this.#utterances.set(segment.segmentId, utterance);
    return utterance;
  }

  speech(): Speech[] {
    return [...this.#utterances.values()].map((utterance) => {
      const { side, startMs, endMs, sentiment } = utterance;
      return { side, startMs, endMs, words: tokensOf(spokenText(utterance)).length, sentiment };
    });
  }
}

function asWritten(segment: ReleasedSegment): Pick<Utterance, 'text' | 'words'> {
  const words = writtenWords(segment.words, segment.written);
  return { words, text: words.map(({ text }) => text).join(' ') };
}

/** Who is on this side at that time; of several on one stream nobody can tell. */
function speakerOf({ side, startMs }: ReleasedSegment, parties: readonly Party[]): Party | undefined {
  const there = parties.filter((party) => party.side === side);
  const then = there.filter(({ joinedMs, leftMs }) => joinedMs <= startMs && (leftMs === null || startMs < leftMs));
  const [party] = then.length > 0 ? then : there;
  return side === 'mixed' && there.length > 1 ? undefined : party;
}
