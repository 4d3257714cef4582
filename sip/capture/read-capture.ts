import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { CaptureContents, CaptureCount, CapturedCall } from '../types.ts';
import { AddressTable } from './addresses.ts';
import { planSignalled, planStray, type CallPlan } from './calls.ts';
import { CapturePass, formatOf, type CaptureFormat } from './file.ts';
import { itemsOf, type FileIdentity } from './items.ts';
import { PacketReader } from './packets.ts';
import { adopt, pairStrays } from './pairing.ts';
import type { CaptureRecord } from './record.ts';
import { RtpFlows, type RtpSegment } from './rtp-flows.ts';
import { Signalling, type SignalledCall } from './signalling.ts';
import { looksLikeSip } from './sip-stream.ts';
import { TcpStreams } from './tcp.ts';

export interface ReadCaptureOptions {
  /** Called now and then while the file is read: how far, of how much. */
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
}

/**
 * Finds the calls of a pcap or pcapng file: one pass that keeps what was signalled and where each stream lies, no
 * sound. A call's packets are read when they are asked for, in a pass of their own over its part of the file. Memory
 * is bounded by the number of calls, not by the length of the file.
 * @throws CaptureFault (SidetoneError `unsupported-audio`) with the place of the fault; Node's own for the file itself
 */
export async function readCapture(path: string, options: ReadCaptureOptions = {}): Promise<CaptureContents> {
  const format = await formatOf(path);
  const survey = new Survey();
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const pass = new CapturePass(format.decoder());
    const onRecord = (record: CaptureRecord): void => survey.onRecord(record);
    while (await pass.advance(file, onRecord)) {
      options.onProgress?.(pass.offsetBytes, size);
      await setImmediate();
    }
    return survey.finish(pass.truncated, { path, bytes: size, modifiedMs: mtimeMs }, format);
  } finally {
    await file.close();
  }
}

/** The first pass: everything but sound. */
class Survey {
  readonly #addresses = new AddressTable();
  readonly #packets = new PacketReader(this.#addresses);
  readonly #signalling = new Signalling(this.#addresses);
  readonly #flows = new RtpFlows(this.#signalling);
  #atEpochMs = 0;
  #records = 0;
  #latestEpochMs = 0;
  readonly #tcp = new TcpStreams((bytes, source, target) =>
    this.#signalling.onBytes(bytes, source, target, this.#atEpochMs),
  );

  onRecord(record: CaptureRecord): void {
    this.#records++;
    this.#atEpochMs = record.atEpochMs;
    if (record.atEpochMs > this.#latestEpochMs) this.#latestEpochMs = record.atEpochMs;
    const packet = this.#packets.read(record);
    if (packet === undefined) return;
    const { bytes, start, end, source, target } = packet;
    if (packet.protocol === 'tcp') this.#tcp.push(packet);
    else if (!looksLikeSip(bytes, start, end)) this.#flows.onPacket(packet, record.atEpochMs, record.offsetBytes);
    // What is kept of a message must outlive the window that it was read through.
    else this.#signalling.onBytes(Buffer.from(bytes.subarray(start, end)), source, target, record.atEpochMs);
  }

  finish(truncated: boolean, identity: FileIdentity, format: CaptureFormat): CaptureContents {
    this.#tcp.finish();
    const { segments } = this.#flows;
    adopt(segments);
    const byCall = new Map<SignalledCall, RtpSegment[]>();
    for (const call of this.#signalling.calls) byCall.set(call, []);
    for (const segment of segments) if (segment.owner !== undefined) byCall.get(segment.owner.call)?.push(segment);
    const plans: CallPlan[] = [];
    for (const [call, own] of byCall) plans.push(planSignalled(call, own, this.#latestEpochMs));
    const pairs = pairStrays(segments);
    for (const pair of pairs) plans.push(planStray(pair, this.#addresses));
    plans.sort((a, b) => a.call.startedEpochMs - b.call.startedEpochMs);
    const calls = plans.map((plan): CapturedCall => {
      const items = (): ReturnType<typeof itemsOf> => itemsOf(plan, identity, format, this.#addresses);
      return Object.freeze({ ...plan.call, items });
    });
    return Object.freeze({ calls: Object.freeze(calls), counts: this.#counts(truncated, identity, plans) });
  }

  #counts(truncated: boolean, { bytes }: FileIdentity, plans: readonly CallPlan[]): Record<CaptureCount, number> {
    const { ip, otherLinks } = this.#packets;
    const played = plans.flatMap(({ segments }) => segments).reduce((sum, { packets }) => sum + packets, 0);
    return Object.freeze({
      records: this.#records,
      bytes,
      truncatedRecords: truncated ? 1 : 0,
      otherLinks,
      cutPackets: ip.cutPackets,
      malformedPackets: ip.malformedPackets,
      lostFragments: ip.lostFragments,
      tcpGaps: this.#tcp.gaps,
      sipMessages: this.#signalling.messages,
      malformedSip: this.#signalling.malformed,
      rtpPackets: this.#flows.packets,
      strayRtpPackets: this.#flows.packets - played,
    });
  }
}
