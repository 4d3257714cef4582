import { expect, test } from 'vitest';
import { rtpPacket } from '../testing/packets.ts';
import { emptyRtpView, readRtp } from './packet.ts';
import { Repacketiser } from './repacketiser.ts';

const payload = Uint8Array.from({ length: 480 }, (_, n) => n & 0xff);

function cut(
  repacketiser: Repacketiser,
  sequence: number,
  bytes: Uint8Array,
  type = 0,
): { sequence: number; timestamp: number; marker: boolean; payload: number[] }[] {
  const packet = rtpPacket({ type, marker: true, sequence, timestamp: 0xffff_ff00 + 480 * sequence, payload: bytes });
  const view = emptyRtpView();
  readRtp(packet, view);
  return repacketiser.cut(packet, view, bytes, type, 160).map((piece) => {
    const read = emptyRtpView();
    expect(readRtp(piece, read)).toBe(true);
    const { marker, timestamp } = read;
    return {
      sequence: read.sequence,
      timestamp,
      marker,
      payload: [...piece.subarray(read.payloadStart, read.payloadEnd)],
    };
  });
}

test('60 ms leave as three times 20 ms, in step, the marker on the first', () => {
  const pieces = cut(new Repacketiser(), 0, payload);
  expect(pieces.map((piece) => piece.sequence)).toEqual([0, 1, 2]);
  expect(pieces.map((piece) => piece.timestamp)).toEqual([0xffff_ff00, 0xffff_ffa0, 0x40]);
  expect(pieces.map((piece) => piece.marker)).toEqual([true, false, false]);
  expect(pieces.flatMap((piece) => piece.payload)).toEqual([...payload]);
});

test('loss and reordering look the same behind it, also across the wrap', () => {
  const repacketiser = new Repacketiser();
  const first = cut(repacketiser, 65_535, payload)[0]?.sequence ?? -1;
  const sequences = [1, 0].map(
    (sequence) => ((cut(repacketiser, sequence, payload)[0]?.sequence ?? -1) - first) & 0xffff,
  );
  expect(sequences).toEqual([6, 3]);
});

test('what needs no cutting keeps its place among the numbers', () => {
  const repacketiser = new Repacketiser();
  cut(repacketiser, 10, payload);
  expect(cut(repacketiser, 11, Uint8Array.of(1, 10, 0, 160), 101).map((piece) => piece.sequence)).toEqual([33]);
  expect(cut(repacketiser, 12, payload).map((piece) => piece.sequence)).toEqual([36, 37, 38]);
});
