import type { RecogniserEngine } from '../../engines/types.ts';
import { CallLedger } from '../../pool/ledger.ts';
import { Session } from '../../process/session.ts';
import type { AsrEvent } from '../../types.ts';
import type { Vad } from '../../vad/silero.ts';
import { talkSides, type TalkSide } from '#sip/types.ts';

const blockSamples = 800;

/**
 * The same calls without waiting: one recogniser process on a clock that advances by the audio played and by the CPU
 * time that recognition takes, times `slowness`. What is measured so does not depend on what else the machine is doing.
 */
export async function simulate(
  calls: ReadonlyMap<string, Readonly<Record<TalkSide, Int16Array>>>,
  parts: { readonly vad: Vad; readonly engine: RecogniserEngine; readonly slowness: number },
  see: (event: AsrEvent, atMs: number) => void,
): Promise<{ readonly cpuS: number }> {
  let playedMs = 0;
  let workMs = 0;
  const nowMs = (): number => playedMs + workMs;
  const ledgers = new Map<string, CallLedger>();
  const session = new Session({
    vad: parts.vad,
    clock: { nowMs, nowEpochMs: nowMs },
    emit: (callId, _epoch, event) => {
      for (const told of ledgers.get(callId)?.take(event) ?? []) see(told, nowMs());
    },
  });
  session.use(parts.engine);
  for (const callId of calls.keys()) {
    const ledger = new CallLedger(callId);
    for (const side of talkSides) ledger.addSide(side, 0);
    ledgers.set(callId, ledger);
    session.open(callId, 1, ledger.handOver());
  }
  const longest = Math.max(...[...calls.values()].flatMap((pcm) => talkSides.map((side) => pcm[side].length)));
  let cpuS = 0;
  for (let sample = 0; sample < longest || !session.isIdle;) {
    // All audio that has arrived by now; when recognition is ahead, time goes on to the next block.
    if (workMs <= 0) workMs = 0;
    do {
      for (const [callId, pcm] of calls)
        for (const side of talkSides) play(session, callId, side, pcm[side], sample, nowMs());
      sample += blockSamples;
      playedMs += blockSamples / 8;
      workMs = Math.max(0, workMs - blockSamples / 8);
    } while (workMs >= blockSamples / 8 && sample < longest);
    for (let more = true; more && workMs < blockSamples / 8;) {
      const before = process.cpuUsage();
      more = await session.step();
      const used = process.cpuUsage(before);
      const usedMs = (used.user + used.system) / 1000;
      cpuS += usedMs / 1000;
      workMs += usedMs * parts.slowness;
    }
  }
  return { cpuS };
}

function play(session: Session, callId: string, side: TalkSide, pcm: Int16Array, sample: number, nowMs: number): void {
  const channel = session.channel(callId, side);
  if (channel === undefined) return;
  if (sample < pcm.length) channel.append(sample, pcm.slice(sample, sample + blockSamples), nowMs);
  if (sample + blockSamples >= pcm.length) channel.end(pcm.length, nowMs);
}
