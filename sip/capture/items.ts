import { open } from 'node:fs/promises';
import type { CapturedItem } from '../types.ts';
import { PairMap, type AddressTable } from './addresses.ts';
import type { CallPlan } from './calls.ts';
import { CaptureFault } from './fault.ts';
import { CapturePass, type CaptureFormat } from './file.ts';
import type { TransportPacket } from './ip.ts';
import { PacketReader } from './packets.ts';
import { isRtp } from './rtp-flows.ts';

/** Which file it was when its calls were found. */
export interface FileIdentity {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

type Segment = CallPlan['segments'][number];

/** Reads a call's part of the file again and gives its packets, with what was signalled between them. */
export async function* itemsOf(
  plan: CallPlan,
  identity: FileIdentity,
  format: CaptureFormat,
  addresses: AddressTable,
): AsyncGenerator<CapturedItem, void> {
  const marks = [...plan.marks];
  const { segments } = plan;
  if (segments.length === 0) {
    yield* marks;
    return;
  }
  const wanted = new PairMap<Segment[]>();
  for (const segment of segments) {
    const known = wanted.get(segment.source, segment.target);
    if (known === undefined) wanted.set(segment.source, segment.target, [segment]);
    else known.push(segment);
  }
  const from = segments.reduce((first, { firstOffset }) => Math.min(first, firstOffset), Infinity);
  const until = segments.reduce((last, { lastOffset }) => Math.max(last, lastOffset), 0);
  const file = await open(identity.path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    if (size !== identity.bytes || mtimeMs !== identity.modifiedMs) {
      throw new CaptureFault('the file has changed since its calls were found', from);
    }
    const pass = new CapturePass(format.decoder(), from);
    const reader = new PacketReader(addresses);
    let found: CapturedItem[] = [];
    let nowEpochMs = 0;
    for (let going = true; going;) {
      going = await pass.advance(file, (record) => {
        if (record.offsetBytes > until) return false;
        const packet = reader.read(record);
        if (packet?.protocol !== 'udp') return true;
        const side = sideOf(wanted, packet, record.offsetBytes);
        if (side === undefined) return true;
        nowEpochMs = Math.max(nowEpochMs, record.atEpochMs);
        for (let mark = marks[0]; mark !== undefined && mark.atEpochMs <= nowEpochMs; mark = marks[0]) {
          found.push(mark);
          marks.shift();
        }
        // The window is written again: what leaves is a copy.
        const bytes = Uint8Array.from(packet.bytes.subarray(packet.start, packet.end));
        found.push({ type: 'rtp', side, atEpochMs: nowEpochMs, bytes });
        return true;
      });
      yield* found;
      found = [];
    }
    yield* marks;
  } finally {
    await file.close();
  }
}

function sideOf(wanted: PairMap<Segment[]>, packet: TransportPacket, offset: number): Segment['side'] | undefined {
  const candidates = wanted.get(packet.source, packet.target);
  if (candidates === undefined || !isRtp(packet.bytes, packet.start, packet.end)) return undefined;
  const ssrc = packet.bytes.readUInt32BE(packet.start + 8);
  return candidates.find((each) => each.ssrc === ssrc && each.firstOffset <= offset && offset <= each.lastOffset)?.side;
}
