import { talkSides, type ChannelSide, type TalkSide } from '#sip/types.ts';
import { decodeTable } from '#lib/audio/g711.ts';
import { blockSamples } from '../timeline/audio-memory.ts';
import { CallClock } from '../timeline/call-clock.ts';
import { CallTimeline } from '../timeline/call-timeline.ts';
import type { SampleRange } from '../types.ts';
import { pcmuPayload } from './packets.ts';

/** A timeline with its sink, driven by a test's own clock. Everything that comes out is kept. */
export class TimelineBench {
  readonly clock = new CallClock();
  readonly backlog = { heldUpSamples: 0 };
  readonly out: Record<TalkSide, number[]> = { caller: [], callee: [] };
  readonly runs: (SampleRange & { readonly side: ChannelSide })[] = [];
  readonly mutedLate: SampleRange[] = [];
  readonly timeline: CallTimeline;

  /** `onBlock`: where blocks go instead of being kept. */
  constructor(onBlock?: (block: Int16Array, samples: number) => void) {
    const pcm = new Int16Array(2 * blockSamples);
    this.timeline = new CallTimeline(this.clock, this.backlog, {
      take: () => pcm,
      block: onBlock ?? ((block, samples) => this.#keep(block, samples)),
      dtmf: (side, run) => this.runs.push({ side, ...run }),
      muteReleased: (range) => this.mutedLate.push(range),
    });
    for (const side of talkSides) this.timeline.addSide(side);
  }

  /** One audio packet; true when it was heard. */
  audio(side: TalkSide, nowMs: number, timestamp: number, pcm: Int16Array, ssrc = 1): boolean {
    if (!this.clock.started) this.clock.start(nowMs, pcm.length);
    const payload = pcmuPayload(pcm);
    return this.payload(side, nowMs, timestamp, payload, ssrc);
  }

  payload(side: TalkSide, nowMs: number, timestamp: number, payload: Uint8Array, ssrc = 1): boolean {
    const wrapped = timestamp % 0x1_0000_0000;
    return this.timeline.audio(side, decodeTable('pcmu'), payload, 0, payload.length, ssrc, wrapped, nowMs);
  }

  /** A steady stream of one sound on both sides or one, `ptimeMs` a packet; returns the time after it. */
  stream(
    sounds: Partial<Record<TalkSide, Int16Array>>,
    options: { fromMs?: number; ptimeMs?: number; timestamp?: number } = {},
  ): number {
    const { fromMs = 0, ptimeMs = 20, timestamp = 0 } = options;
    const samples = ptimeMs * 8;
    const longest = Math.max(...talkSides.map((side) => sounds[side]?.length ?? 0));
    let nowMs = fromMs;
    for (let at = 0; at < longest; at += samples) {
      nowMs = fromMs + at / 8 + ptimeMs;
      for (const side of talkSides) {
        const pcm = sounds[side]?.subarray(at, at + samples);
        if (pcm !== undefined && pcm.length > 0) this.audio(side, nowMs, timestamp + at, pcm);
      }
      this.timeline.advance(nowMs);
    }
    return nowMs;
  }

  outOf(side: TalkSide): Int16Array {
    return Int16Array.from(this.out[side]);
  }

  #keep(block: Int16Array, samples: number): void {
    for (let i = 0; i < samples; i++) {
      this.out.caller.push(block[i] as number);
      this.out.callee.push(block[blockSamples + i] as number);
    }
  }
}
