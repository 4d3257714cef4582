import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rtpPacket } from '../testing/packets.ts';
import { emptyRtpView, isRtcp, readRtp } from './packet.ts';
import { unwrapSequence, unwrapTimestamp } from './sequence.ts';

const view = emptyRtpView();
const payload = Uint8Array.of(1, 2, 3, 4);

test('reads the fields of a plain packet', () => {
  const packet = rtpPacket({
    type: 101,
    marker: true,
    sequence: 65_535,
    timestamp: 0xffff_fff0,
    ssrc: 0xdead_beef,
    payload,
  });
  expect(readRtp(packet, view)).toBe(true);
  expect(view).toEqual({
    payloadType: 101,
    marker: true,
    sequence: 65_535,
    timestamp: 0xffff_fff0,
    ssrc: 0xdead_beef,
    payloadStart: 12,
    payloadEnd: 16,
  });
});

test('steps over contributing sources, an extension and padding', () => {
  const plain = rtpPacket({ sequence: 1, timestamp: 1, payload: Uint8Array.of() });
  plain[0] = 0x80 | 0x20 | 0x10 | 2;
  const sources = Buffer.alloc(8, 9);
  const extension = Buffer.from([0xbe, 0xde, 0, 1, 7, 7, 7, 7]);
  const packet = Buffer.concat([plain, sources, extension, payload, Buffer.from([0, 0, 3])]);
  expect(readRtp(packet, view)).toBe(true);
  expect([...packet.subarray(view.payloadStart, view.payloadEnd)]).toEqual([1, 2, 3, 4]);
});

test.each([
  ['empty', Buffer.alloc(0)],
  ['one byte', Buffer.from([0x80])],
  ['eleven bytes', Buffer.alloc(11, 0x80)],
  ['version 1', Buffer.alloc(20, 0x40)],
  ['sources past the end', Buffer.concat([Buffer.from([0x8f]), Buffer.alloc(20)])],
  ['extension past the end', Buffer.concat([Buffer.from([0x90]), Buffer.alloc(11), Buffer.from([0, 0, 255, 255])])],
  ['padding longer than the packet', Buffer.concat([Buffer.from([0xa0]), Buffer.alloc(14), Buffer.from([200])])],
  ['padding of nothing', Buffer.concat([Buffer.from([0xa0]), Buffer.alloc(15)])],
])('refuses: %s', (_, bytes) => {
  expect(readRtp(bytes, view)).toBe(false);
});

test('whatever the bytes, reading does not throw and stays within them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      isRtcp(bytes);
      if (!readRtp(bytes, view)) return;
      expect(view.payloadStart).toBeGreaterThanOrEqual(12);
      expect(view.payloadEnd).toBeGreaterThanOrEqual(view.payloadStart);
      expect(view.payloadEnd).toBeLessThanOrEqual(bytes.length);
    }),
  );
});

test('tells RTCP from RTP on one port (RFC 5761)', () => {
  const second = (byte: number): Buffer => Buffer.from([0x80, byte, 0, 1, 0, 0, 0, 1]);
  expect([200, 201, 202, 203, 204, 205, 207].map((type) => isRtcp(second(type)))).toEqual(Array(7).fill(true));
  expect([0, 8, 13, 101, 0x80, 0x88, 0xe5].map((type) => isRtcp(second(type)))).toEqual(Array(7).fill(false));
});

test('sequence numbers and timestamps unwrap in both directions', () => {
  expect(unwrapSequence(0, 65_535)).toBe(65_536);
  expect(unwrapSequence(65_535, 65_536)).toBe(65_535);
  expect(unwrapSequence(3, 5 * 65_536 + 1)).toBe(5 * 65_536 + 3);
  expect(unwrapTimestamp(100, 0xffff_fff0)).toBe(0x1_0000_0000 + 100);
  expect(unwrapTimestamp(0xffff_fff0, 0x1_0000_0000 + 100)).toBe(0xffff_fff0);
});
