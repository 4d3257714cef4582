import { packets } from 'rtp.js';
import { describe, expect, test } from 'vitest';
import { readRtcp } from '../rtp/rtcp.ts';
import { FarEndQuality } from './far-end.ts';
import { StreamStats } from './stream-stats.ts';

function feed(stats: StreamStats, sequences: readonly number[], ssrc = 1): string[] {
  return sequences.map((sequence, n) => stats.arrived(ssrc, sequence & 0xffff, 160 * n, 20 * n, true));
}

describe('StreamStats', () => {
  test('counts loss and duplicates through reordering and the wrap', () => {
    const stats = new StreamStats();
    const order = [65_533, 65_534, 0, 65_535, 1, 1, 4, 3];
    expect(feed(stats, order)).toEqual(['new', 'new', 'new', 'new', 'new', 'duplicate', 'new', 'new']);
    expect([stats.packets, stats.duplicatePackets, stats.lostPackets]).toEqual([8, 1, 1]);
  });

  test('a packet before the first one seen is no loss', () => {
    const stats = new StreamStats();
    feed(stats, [10, 9, 8]);
    expect(stats.lostPackets).toBe(0);
  });

  test('a new SSRC starts afresh and keeps what was lost before', () => {
    const stats = new StreamStats();
    feed(stats, [1, 3]);
    feed(stats, [40_000, 40_002, 40_003], 2);
    expect(stats.lostPackets).toBe(2);
  });

  test('jitter is 0 for a steady stream, follows RFC 3550 for an unsteady one, and ignores a timestamp jump', () => {
    const steady = new StreamStats();
    feed(steady, [1, 2, 3, 4]);
    expect(steady.jitterMaxMs).toBe(0);
    const unsteady = new StreamStats();
    unsteady.arrived(1, 1, 0, 0, true);
    unsteady.arrived(1, 2, 160, 36, true);
    expect(unsteady.jitterMaxMs).toBeCloseTo(1, 6);
    unsteady.arrived(1, 3, 5_000_000, 56, true);
    expect(unsteady.jitterMaxMs).toBeCloseTo(1, 6);
  });
});

describe('RTCP', () => {
  function receiverReport(lsr: number, dlsr: number, fractionLost: number): Buffer {
    const report = new packets.ReceptionReport();
    report.setSsrc(7);
    report.setFractionLost(fractionLost);
    report.setLastSRTimestamp(lsr);
    report.setDelaySinceLastSR(dlsr);
    const packet = new packets.ReceiverReportPacket();
    packet.setSsrc(9);
    packet.setReports([report]);
    return serialized(packet);
  }
  function serialized(packet: packets.ReceiverReportPacket | packets.SenderReportPacket): Buffer {
    packet.serialize();
    const { buffer, byteOffset, byteLength } = packet.getView();
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  test('loss and round trip come from what the far end reports (LSR, DLSR)', () => {
    const sender = new packets.SenderReportPacket();
    sender.setNtpSeconds(0x1234_5678);
    sender.setNtpFraction(0x9abc_def0);
    const read = readRtcp(serialized(sender));
    expect(read?.senderNtpMiddle).toBe(0x5678_9abc);
    const farEnd = new FarEndQuality();
    farEnd.senderReportPassed(0x5678_9abc, 1000);
    const answer = readRtcp(receiverReport(0x5678_9abc, 65_536 / 2, 64));
    expect(answer).toBeDefined();
    if (answer !== undefined) farEnd.heard(answer, 1580);
    expect(farEnd.roundTripMs).toBeCloseTo(80, 3);
    expect(farEnd.lossFraction).toBe(0.25);
  });

  test('a report about nothing that we passed on tells loss but no round trip', () => {
    const farEnd = new FarEndQuality();
    const read = readRtcp(receiverReport(0, 0, 128));
    if (read !== undefined) farEnd.heard(read, 5);
    expect([farEnd.lossFraction, farEnd.roundTripMs]).toEqual([0.5, null]);
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['a length past the end', Buffer.from([0x81, 201, 0, 90, 0, 0, 0, 1])],
    ['RTP', Buffer.alloc(172, 0x80)],
  ])('refuses without throwing: %s', (_, bytes) => {
    expect(readRtcp(bytes)).toBeUndefined();
  });
});
