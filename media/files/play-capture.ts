import type { CapturedCall, IntakeCall, PacketStream, PartySide } from '#sip/types.ts';
import type { Pace } from './play-sound.ts';

const roomEveryMs = 1000;

/** Plays a captured call: its packets with the times of the capture, as fast as the call takes them. */
export async function playCapture({ fork }: IntakeCall, captured: CapturedCall, pace: Pace): Promise<void> {
  const streams = new Map<PartySide, PacketStream>();
  for (const { side, formats } of captured.streams) streams.set(side, await fork.addPackets(side, formats));
  let roomAtMs = roomEveryMs;
  for await (const item of captured.items()) {
    const atMs = item.atEpochMs - captured.startedEpochMs;
    if (atMs >= roomAtMs) {
      if (!(await pace.room(atMs))) return;
      roomAtMs = atMs + roomEveryMs;
    }
    const stream = streams.get(item.side);
    if (item.type === 'rtp') stream?.packet(item.bytes, atMs);
    else if (item.type === 'hold') stream?.hold(item.holding, atMs);
    else stream?.key(item.durationMs, atMs);
  }
}
