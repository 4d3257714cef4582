import { newId } from '#lib/ids.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { Finding } from '../types.ts';
import type { Findings } from './findings.ts';

/** A time in which a stream that should have had sound had none; ms on the call's timeline. */
export interface StreamSilence {
  readonly side: ChannelSide;
  readonly startMs: number;
  /** Null: it never came back. */
  readonly endMs: number | null;
}

/**
 * Sound that does not come, as an alarm while there is time to do something about it: a finding of the call, high while
 * it lasts, medium once the sound has come after all.
 */
export class SilenceAlarm {
  readonly #callId: string;
  readonly #findings: Findings;
  readonly #open = new Map<ChannelSide | 'all', Finding>();
  readonly #silences: StreamSilence[] = [];

  constructor(callId: string, findings: Findings) {
    this.#callId = callId;
    this.#findings = findings;
  }

  /** In the order in which they ended; those that lasted to the end of the call last. */
  get silences(): readonly StreamSilence[] {
    return this.#silences;
  }

  nothingCame(): void {
    if (!this.#open.has('all')) this.#raise('all', 'no-media', 'Answered, but no sound has come', 0);
  }

  /** There is no channel of it at all, as there is of others. */
  neverCame(side: ChannelSide): void {
    if (!this.#open.has(side)) this.#raise(side, 'stream-missing', 'No stream of this side has come', 0);
  }

  mediaStarted(): void {
    this.#clear('all', 'Sound came late', 0);
  }

  silent(side: ChannelSide, atMs: number): void {
    if (!this.#open.has(side)) this.#raise(side, 'stream-silent', 'No sound comes from this side', atMs);
  }

  resumed(side: ChannelSide, atMs: number): void {
    const finding = this.#clear(side, 'No sound came from this side for a while', atMs);
    if (finding !== undefined) this.#silences.push({ side, startMs: finding.startMs, endMs: atMs });
  }

  /** Told of once, at the end of the call. */
  ended(endMs: number): void {
    for (const [side, finding] of this.#open) {
      this.#findings.add({ ...finding, endMs: Math.max(finding.startMs, endMs) });
      if (side !== 'all') this.#silences.push({ side, startMs: finding.startMs, endMs: null });
    }
    this.#open.clear();
  }

  #raise(side: ChannelSide | 'all', ruleId: string, title: string, atMs: number): void {
    const finding: Finding = {
      findingId: newId(),
      callId: this.#callId,
      ruleId,
      title,
      severity: 'high',
      kind: 'system',
      side: side === 'all' ? null : side,
      startMs: atMs,
      endMs: atMs,
      evidence: '',
      utteranceIds: [],
    };
    this.#open.set(side, finding);
    this.#findings.add(finding);
  }

  #clear(side: ChannelSide | 'all', title: string, atMs: number): Finding | undefined {
    const finding = this.#open.get(side);
    if (finding === undefined) return undefined;
    this.#open.delete(side);
    this.#findings.add({ ...finding, title, severity: 'medium', endMs: Math.max(finding.startMs, atMs) });
    return finding;
  }
}
