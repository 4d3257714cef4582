import { once } from '#lib/closing.ts';
import type { ChannelSide, MediaFork, PacketStream, PcmStream, PcmStreamFormat, RtpStream } from '#sip/types.ts';
import type { WorkerThread } from './worker-thread.ts';

/** Recognition may be far behind with other calls. */
const roomTimeoutMs = 3_600_000;

/** The main thread's end of a copied call. `roomSamples`: how much of it may lie in memory before a writer is to wait. */
export function makeFork(
  callId: string,
  worker: WorkerThread,
  roomSamples: number,
  close: () => Promise<void>,
): MediaFork {
  const addRtp = async (side: ChannelSide): Promise<RtpStream> => {
    const ports = await worker.addRtp({ callId, side });
    return Object.freeze<RtpStream>({
      side,
      ports,
      update: (settings) => worker.command({ command: 'update-stream', callId, side, settings }),
      key: (durationMs) => worker.command({ command: 'digit', callId, side, durationMs }),
      close: once(() => Promise.resolve(worker.command({ command: 'close-stream', callId, side }))),
    });
  };
  const addPcm = async (side: ChannelSide, format: PcmStreamFormat): Promise<PcmStream> => {
    await worker.requests.request('addPcm', { callId, side, format });
    return Object.freeze<PcmStream>({
      side,
      write: (bytes) => worker.command({ command: 'pcm', callId, side, bytes }),
      gap: (ms) => worker.command({ command: 'pcm-gap', callId, side, ms }),
      key: (durationMs) => worker.command({ command: 'digit', callId, side, durationMs }),
    });
  };
  const addPackets: MediaFork['addPackets'] = async (side, formats) => {
    await worker.requests.request('addPackets', { callId, side, formats });
    return Object.freeze<PacketStream>({
      side,
      packet: (bytes, atMs) => worker.command({ command: 'packet', callId, side, bytes, atMs }),
      hold: (holding, atMs) => worker.command({ command: 'captured-hold', callId, side, holding, atMs }),
      key: (durationMs, atMs) => worker.command({ command: 'captured-key', callId, side, durationMs, atMs }),
    });
  };
  return Object.freeze<MediaFork>({
    callId,
    addRtp,
    addPcm,
    addPackets,
    pause: (paused) => worker.command({ command: 'pause', callId, paused }),
    room: () => worker.requests.request('room', { callId, samples: roomSamples }, roomTimeoutMs),
    close: once(close),
  });
}
