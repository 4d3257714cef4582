import type { RecogniserEngine } from '../../engines/types.ts';
import { CallLedger } from '../../pool/ledger.ts';
import { Session } from '../../process/session.ts';
import type { AsrEvent } from '../../types.ts';
import type { Vad } from '../../vad/silero.ts';
import { talkSides, type TalkSide } from '#sip/types.ts';
import type { ComputedCosts } from './costs.ts';

const blockSamples = 800;
const blockMs = blockSamples / 8;

type CallAudio = Readonly<Record<TalkSide, Int16Array>>;

/** The process is killed at `atMs`; the next one has its models loaded `deadMs` later and is given the calls then. */
export interface Kill {
  readonly atMs: number;
  readonly deadMs: number;
}

interface Parts {
  readonly vad: Vad;
  readonly engine: RecogniserEngine;
  readonly slowness: number;
  readonly kill?: Kill;
  /** The clock goes by these, and not by CPU time. */
  readonly costs?: ComputedCosts;
}

/**
 * The same calls without waiting: one recogniser process on a clock that advances by the audio played and by the CPU
 * time that recognition takes, times `slowness`. What is measured so does not depend on what else the machine is doing.
 */
export async function simulate(
  calls: ReadonlyMap<string, CallAudio>,
  parts: Parts,
  see: (event: AsrEvent, atMs: number) => void,
): Promise<{ readonly cpuS: number }> {
  let playedMs = 0;
  let workMs = 0;
  const nowMs = (): number => playedMs + workMs;
  const vad = parts.costs?.vad(parts.vad) ?? parts.vad;
  const engine = parts.costs?.engine(parts.engine) ?? parts.engine;
  const ledgers = new Map<string, CallLedger>();
  for (const callId of calls.keys()) {
    const ledger = new CallLedger(callId);
    for (const side of talkSides) ledger.addSide(side, 0);
    ledgers.set(callId, ledger);
  }
  /** A process that goes on with all calls from where the last one had decided; their audio up to `sample` comes at once. */
  const begin = (sample: number): Session => {
    const session = new Session({
      vad,
      clock: { nowMs, nowEpochMs: nowMs },
      emit: (callId, _epoch, event) => {
        for (const told of ledgers.get(callId)?.take(event) ?? []) see(told, nowMs());
      },
    });
    session.use(engine);
    for (const [callId, ledger] of ledgers) {
      const starts = ledger.handOver();
      if (starts.length === 0) continue;
      session.open(callId, 1, starts);
      const first = Math.min(...starts.map(({ fromSample }) => fromSample));
      for (let at = first - (first % blockSamples); at < sample; at += blockSamples) {
        play(session, callId, calls.get(callId), at, nowMs());
      }
    }
    return session;
  };
  let session: Session | undefined = begin(0);
  const diesMs = parts.kill?.atMs ?? Infinity;
  const livesMs = diesMs + (parts.kill?.deadMs ?? 0);
  let killed = false;
  const longest = Math.max(...[...calls.values()].flatMap((pcm) => talkSides.map((side) => pcm[side].length)));
  let cpuS = 0;
  for (let sample = 0; sample < longest || session?.isIdle !== true;) {
    // All audio that has arrived by now; when recognition is ahead, time goes on to the next block.
    if (workMs <= 0) workMs = 0;
    do {
      if (session !== undefined) for (const [callId, pcm] of calls) play(session, callId, pcm, sample, nowMs());
      sample += blockSamples;
      playedMs += blockMs;
      workMs = Math.max(0, workMs - blockMs);
    } while (workMs >= blockMs && sample < longest);
    if (!killed && nowMs() >= diesMs) {
      killed = true;
      session = undefined;
      workMs = 0;
    }
    if (killed && nowMs() >= livesMs) session ??= begin(sample);
    for (let more = true; more && workMs < blockMs;) {
      const before = process.cpuUsage();
      const costsMs = parts.costs?.ms ?? 0;
      more = (await session?.step()) ?? false;
      const used = process.cpuUsage(before);
      const usedMs = (used.user + used.system) / 1000;
      cpuS += usedMs / 1000;
      workMs += (parts.costs === undefined ? usedMs : parts.costs.ms - costsMs) * parts.slowness;
    }
  }
  return { cpuS };
}

/** The block that begins at `sample`, on both sides; the end with the last one. */
function play(session: Session, callId: string, audio: CallAudio | undefined, sample: number, nowMs: number): void {
  for (const side of talkSides) {
    const channel = session.channel(callId, side);
    const pcm = audio?.[side];
    if (channel === undefined || pcm === undefined) continue;
    // The recogniser may begin within the block: what lies before it is known already.
    if (sample < pcm.length) channel.append(sample, pcm.slice(sample, sample + blockSamples), nowMs);
    if (sample + blockSamples >= pcm.length) channel.end(pcm.length, nowMs);
  }
}
