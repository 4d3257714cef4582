import { samplesToMs, type MediaEvent } from '#media/types.ts';
import type { CallEvent, Party } from '#sip/types.ts';
import { maskHeader, maskIdentity } from '../redaction/mask-text.ts';
import type { Assurance, Call, CallNote } from '../types.ts';
import { Pauses } from './pauses.ts';

type Ringing = Extract<CallEvent, { type: 'ringing' }>;

/** The row of one call as its events build it up. Each change makes a new frozen `Call`; the latest is `call`. */
export class CallRecord {
  #call: Call;
  #mediaStartedEpochMs: number | null = null;
  #answeredEpochMs: number | null = null;
  readonly #pauses = new Pauses();

  constructor(ringing: Ringing) {
    this.#call = freeze({
      callId: ringing.callId,
      state: 'ringing',
      startedAt: isoTime(ringing.atEpochMs),
      mediaStartedAt: null,
      answeredAt: null,
      endedAt: null,
      durationMs: null,
      answeredMs: null,
      source: ringing.source,
      sipCallIds: ringing.sipCallIds,
      parties: ringing.parties.map(maskParty),
      headers: Object.fromEntries(
        Object.entries(ringing.headers).map(([name, value]) => [name, maskHeader(name, value)]),
      ),
      record: ringing.record,
      completeness: ringing.record === 'none' ? 'excluded' : 'pending',
      assurance: null,
      pauses: [],
      sourceName: ringing.sourceName,
      sidesSwapped: false,
      notes: [],
      termination: null,
      streams: null,
    });
  }

  get call(): Call {
    return this.#call;
  }

  signalled(event: Exclude<CallEvent, Ringing>): void {
    switch (event.type) {
      case 'leg':
        this.#change({ sipCallIds: [...new Set([...this.#call.sipCallIds, event.sipCallId])] });
        break;
      case 'answered':
        this.#answeredEpochMs = event.atEpochMs;
        this.#change({ state: 'active', answeredAt: isoTime(event.atEpochMs), answeredMs: this.#answeredMs() });
        break;
      case 'parties':
        this.#change({ parties: event.parties.map(maskParty) });
        break;
      case 'note':
        if (event.note === 'paused') this.#pauses.wanted(event.detail);
        if (event.note === 'resumed') this.#pauses.notWanted();
        this.note({ atMs: this.timelineMs(event.atEpochMs), note: event.note, detail: event.detail });
        break;
      case 'ended':
        this.#change({
          state: 'ended',
          endedAt: isoTime(event.atEpochMs),
          durationMs: this.#answeredEpochMs === null ? null : Math.max(0, event.atEpochMs - this.#answeredEpochMs),
          termination: event.termination,
        });
        break;
    }
  }

  mediaStarted(atEpochMs: number): void {
    this.#mediaStartedEpochMs = atEpochMs;
    this.#change({ mediaStartedAt: isoTime(atEpochMs), answeredMs: this.#answeredMs() });
  }

  mediaEnded(event: Extract<MediaEvent, { type: 'media-ended' }>): void {
    this.#pauses.resumed(samplesToMs(event.endSample));
    this.#change({ streams: event.streams, pauses: this.#pauses.all });
  }

  /** Where on the timeline a pause begins or ends. Who wanted it, signalling has told. */
  paused(paused: boolean, atMs: number): void {
    if (paused) this.#pauses.paused(atMs);
    else this.#pauses.resumed(atMs);
    this.#change({ pauses: this.#pauses.all });
  }

  note(note: CallNote): void {
    this.#change({ notes: [...this.#call.notes, Object.freeze(note)] });
  }

  assured(assurance: Assurance): void {
    this.#change({ assurance, completeness: assurance.verdict });
  }

  /** Whether somebody wants it paused, as far as signalling knows. */
  get isToBePaused(): boolean {
    return this.#pauses.isWanted;
  }

  /** ms on the call's timeline; null before its first media sample. */
  timelineMs(atEpochMs: number): number | null {
    return this.#mediaStartedEpochMs === null ? null : Math.max(0, atEpochMs - this.#mediaStartedEpochMs);
  }

  /** Whichever comes first, answer or media: the answer stands at 0 when the media began after it. */
  #answeredMs(): number | null {
    return this.#answeredEpochMs === null ? null : this.timelineMs(this.#answeredEpochMs);
  }

  #change(change: Partial<Call>): void {
    this.#call = freeze({ ...this.#call, ...change });
  }
}

function maskParty(party: Party): Party {
  return {
    ...party,
    uri: party.uri === null ? null : maskIdentity(party.uri),
    displayName: party.displayName === null ? null : maskIdentity(party.displayName),
  };
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function freeze(call: Call): Call {
  for (const list of [call.sipCallIds, call.parties, call.notes]) Object.freeze(list);
  return Object.freeze(call);
}
