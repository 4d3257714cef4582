import { packets } from 'rtp.js';
import { describe, expect, test } from 'vitest';
import { readRtcp } from '../rtp/rtcp.ts';
import { FarEndQuality } from './far-end.ts';
import { delayImpairment, lossImpairment, meanOpinionScore, scoreOf } from './mos.ts';
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
    const reordered = new StreamStats();
    for (const [n, atMs] of [
      [1, 0],
      [3, 40],
      [2, 50],
    ] as const)
      reordered.arrived(1, n, 160 * (n - 1), atMs, true);
    expect(reordered.jitterMaxMs).toBeCloseTo(30 / 16, 6);
  });
});

describe('losses in runs', () => {
  /** In order, but for those that are missing; numbers from 65,000 on. */
  function missing(count: number, isMissing: (n: number) => boolean): StreamStats {
    const stats = new StreamStats();
    for (let n = 0; n < count; n++) {
      if (!isMissing(n)) stats.arrived(1, (65_000 + n) & 0xffff, 160 * n, 20 * n, true);
    }
    return stats;
  }

  test('one by one and far apart is as by chance; five together are a burst', () => {
    const single = missing(2000, (n) => n % 20 === 10).losses;
    expect([single.lossShare, single.burstRatio]).toEqual([0.05, 1]);
    const bursts = missing(2000, (n) => n % 100 >= 50 && n % 100 < 55).losses;
    expect([bursts.lossShare, bursts.burstRatio]).toEqual([0.05, 5 * 0.95]);
  });

  test('what comes out of order is no loss, what comes too late to be heard is one; asking changes nothing', () => {
    const stats = new StreamStats();
    feed(stats, [1, 2, 4, 3, 5]);
    expect(stats.losses.lossShare).toBe(0);
    stats.arrived(1, 7, 0, 0, true);
    stats.arrived(1, 6, 0, 0, true);
    stats.late();
    expect(stats.losses.lossShare).toBe(1 / 7);
    for (let n = 8; n < 1000; n++) stats.arrived(1, n, 0, 0, true);
    expect(stats.losses.lossShare).toBe(1 / 999);
    expect([stats.lostPackets, stats.latePackets]).toEqual([0, 1]);
    stats.arrived(2, 500, 0, 0, true);
    stats.arrived(2, 502, 0, 0, true);
    expect(stats.losses.lossShare).toBe(2 / 1002);
  });
});

describe('mean opinion score by G.107', () => {
  test.each([
    [93.2, 4.41],
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
    [0, 1],
    [3, 1],
  ])('R of %d is %d (annex B, table B.1)', (rating, score) => {
    expect(Math.abs(scoreOf(rating) - score)).toBeLessThan(0.0075);
  });

  test.each([
    [0.01, 5],
    [0.02, 7],
    [0.03, 10],
    [0.05, 15],
    [0.07, 20],
    [0.1, 25],
    [0.15, 35],
  ])('%d lost by chance of concealed G.711 costs about %d (measured, G.113 of 2001, table I.2)', (lossShare, ie) => {
    expect(Math.abs(lossImpairment({ codec: 'pcmu', lossShare, burstRatio: 1 }) - ie)).toBeLessThan(2.5);
  });

  test('the same loss in bursts costs more', () => {
    const ofRatio = (burstRatio: number): number => lossImpairment({ codec: 'pcma', lossShare: 0.02, burstRatio });
    expect(ofRatio(1)).toBeCloseTo(190 / 27.1, 9);
    expect(ofRatio(2)).toBeCloseTo(190 / 26.1, 9);
  });

  test.each([
    [100, 93.2],
    [200, 90],
    [285, 80],
    [390, 70],
  ])('a delay of %d ms leaves R at about %d (figure 1 of G.114)', (delayMs, rating) => {
    expect(Math.abs(93.2 - delayImpairment(delayMs) - rating)).toBeLessThan(0.7);
  });

  test('all together; no loss and delay make it worse than 1', () => {
    expect(meanOpinionScore({ codec: 'pcmu', lossShare: 0, burstRatio: 1, delayMs: 60 })).toBeCloseTo(4.41, 2);
    expect(meanOpinionScore({ codec: 'opus', lossShare: 1, burstRatio: 9, delayMs: 900 })).toBe(1);
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
