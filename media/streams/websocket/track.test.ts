import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PcmStreamFormat } from '#sip/types.ts';
import { Track } from './track.ts';

const mulaw: PcmStreamFormat = { encoding: 'pcmu', sampleRateHz: 8000 };

/** What a track writes of pieces of 20 ms, each filled with its number; 255 is a gap. */
function heard(
  pieces: readonly (readonly [chunk: number | null, timestampMs: number | null])[],
  format = mulaw,
): { written: number[]; lateBytes: number } {
  const written: number[] = [];
  let lateBytes = 0;
  const track = new Track(format, {
    write: (bytes) => {
      for (let at = 0; at < bytes.length; at += 160) written.push(bytes[at] as number);
    },
    gap: (ms) => {
      for (let at = 0; at < ms; at += 20) written.push(255);
    },
    late: (bytes) => (lateBytes += bytes),
  });
  for (const [chunk, timestampMs] of pieces) {
    track.push(chunk, timestampMs, new Uint8Array(160).fill((chunk ?? timestampMs ?? 0) & 0x7f));
  }
  track.flush();
  return { written, lateBytes };
}

test('pieces that overtook each other are put right; what comes too late, or twice, is not taken', () => {
  const at = (chunk: number): [number, number] => [chunk, 20 * chunk];
  expect(heard([1, 3, 2, 5, 4].map(at)).written).toEqual([1, 2, 3, 4, 5]);
  expect(heard([1, 2, 2, 3].map(at)).written).toEqual([1, 2, 3]);
  // 2 does not come within four further pieces: its 20 ms are within what timestamps may be rough.
  const { written, lateBytes } = heard([1, 3, 4, 5, 6, 7, 2].map(at));
  expect(written).toEqual([1, 3, 4, 5, 6, 7]);
  expect(lateBytes).toBe(160);
});

test('a gap takes the place of what is missing, by the timestamps: numbered or not, since 1970 or not', () => {
  const gap: [number | null, number][] = [
    [1, 0],
    [2, 20],
    [3, 100],
    [4, 120],
  ];
  expect(heard(gap).written).toEqual([1, 2, 255, 255, 255, 3, 4]);
  expect(heard(gap.map(([, ms]) => [null, ms])).written).toEqual([0, 20, 255, 255, 255, 100, 120]);
  expect(heard(gap.map(([chunk, ms]) => [chunk, 1_700_000_000_000 + ms])).written).toHaveLength(7);
  // Rough timestamps are no gaps, and a leap of hours is no silence of hours.
  expect(heard([0, 25, 38, 71, 80].map((ms, n) => [n, ms])).written).toHaveLength(5);
  expect(heard([0, 20, 9_000_000, 9_000_020].map((ms, n) => [n, ms])).written).toHaveLength(4);
});

test('a small message with a far timestamp costs no memory: its gap is a number', () => {
  let [writtenBytes, gapMs] = [0, 0];
  const track = new Track(
    { encoding: 'linear16', sampleRateHz: 192_000 },
    { write: (bytes) => (writtenBytes += bytes.length), gap: (ms) => (gapMs += ms), late: () => undefined },
  );
  for (let n = 0; n < 100; n++) track.push(n, 5000 * n, new Uint8Array(2));
  expect(writtenBytes).toBe(200);
  expect(gapMs).toBeGreaterThan(490_000);
});

test('a sender that counts anew is followed', () => {
  const { written } = heard([200, 201, 1, 2, 3].map((chunk) => [chunk, null]));
  expect(written).toEqual([200 & 0x7f, 201 & 0x7f, 1, 2, 3]);
});

test('whatever comes in whatever order: order is kept, nothing is written twice or forgotten, no more waits than four', () => {
  const piece = fc.tuple(fc.nat(60), fc.nat(3000));
  fc.assert(
    fc.property(fc.uniqueArray(piece, { maxLength: 40, selector: ([chunk]) => chunk }), (pieces) => {
      const written: number[] = [];
      let late = 0;
      const track = new Track(mulaw, {
        write: (bytes) => written.push(bytes[0] as number),
        gap: () => undefined,
        late: () => late++,
      });
      pieces.forEach(([chunk, timestampMs], n) => {
        track.push(chunk, timestampMs, new Uint8Array(160).fill(chunk));
        expect(n + 1 - written.length - late).toBeLessThanOrEqual(4);
      });
      track.flush();
      expect(written.length + late).toBe(pieces.length);
      expect(written).toEqual(written.toSorted((a, b) => a - b));
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1000) },
  );
});
