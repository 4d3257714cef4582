import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, formatOfKind, FrameReader, silentFrame, uuidText } from './frames.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);

test('the bytes of the published description', () => {
  const frames: [number, string][] = [];
  const reader = new FrameReader();
  const wire = Buffer.from(
    '01 0010 6ba7b8109dad11d180b400c04fd430c8 10 0004 aabbccdd 03 0001 35 00 0000'.replaceAll(' ', ''),
    'hex',
  );
  for (const byte of wire) {
    reader.push(Buffer.of(byte), (kind, payload) => {
      frames.push([kind, kind === 1 ? (uuidText(payload) ?? '') : payload.toString('hex')]);
      return true;
    });
  }
  expect(frames).toEqual([
    [0x01, '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
    [0x10, 'aabbccdd'],
    [0x03, '35'],
    [0x00, ''],
  ]);
  expect(encodeFrame(0x00, new Uint8Array(0))).toEqual(Buffer.of(0, 0, 0));
  expect(silentFrame(0x12, 640)).toHaveLength(643);
  expect(
    [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18].map((kind) => formatOfKind(kind)?.sampleRateHz),
  ).toEqual([8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000]);
  expect([0x0f, 0x19, 0xff].map(formatOfKind)).toEqual([undefined, undefined, undefined]);
  expect(uuidText(new Uint8Array(15))).toBeUndefined();
});

test('whatever the pieces, the same frames come out; a reader that has had enough gets no more', () => {
  const frame = fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 700 }));
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
      (sent, cuts) => {
        const wire = Buffer.concat(sent.map(([kind, payload]) => encodeFrame(kind, payload)));
        const got: [number, Uint8Array][] = [];
        const reader = new FrameReader();
        for (let at = 0, n = 0; at < wire.length; n++) {
          const end = at + (cuts[n % cuts.length] as number);
          reader.push(wire.subarray(at, end), (kind, payload) => got.push([kind, Uint8Array.from(payload)]) > 0);
          at = end;
        }
        expect(got).toEqual(sent);
      },
    ),
    { numRuns: numRuns },
  );
  let heard = 0;
  new FrameReader().push(Buffer.alloc(3 * 100), () => ++heard < 3);
  expect(heard).toBe(3);
});

test('any bytes at all: no throw, and no more is kept than one frame', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
      const reader = new FrameReader();
      let bytes = 0;
      for (const chunk of chunks) {
        reader.push(Buffer.from(chunk), (_kind, payload) => {
          bytes += 3 + payload.length;
          return true;
        });
      }
      const sent = chunks.reduce((sum, { length }) => sum + length, 0);
      expect(bytes).toBeLessThanOrEqual(sent);
      expect(sent - bytes).toBeLessThan(3 + 65_536);
    }),
    { numRuns },
  );
});
