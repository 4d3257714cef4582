import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxMessageBytes, StreamFramer, type StreamPart } from './stream.ts';

function text(parts: StreamPart[] | undefined): string[] {
  if (parts === undefined) throw new Error('stream given up');
  return parts.map((part) => (part.kind === 'ping' ? 'ping' : part.bytes.toString()));
}

const one = 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nhé';
const two = 'SIP/2.0 200 OK\r\nl : 0\r\n\r\n';

test('the same messages however the stream is cut', () => {
  const stream = Buffer.from(`${one}\r\n${two}\r\n\r\n${one}${two}`);
  const whole = text(new StreamFramer().push(stream));
  expect(whole).toEqual([one, two, 'ping', one, two]);
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
      const framer = new StreamFramer();
      const heard: string[] = [];
      const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      for (let i = 1; i < at.length; i += 1) heard.push(...text(framer.push(stream.subarray(at[i - 1], at[i]))));
      expect(heard).toEqual(whole);
      expect(framer.midMessage).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('a stream that cannot be cut is given up', () => {
  for (const length of ['x', '-1', '1, 2', '3\r\nContent-Length: 4', String(maxMessageBytes)]) {
    expect(new StreamFramer().push(Buffer.from(`A b SIP/2.0\r\nContent-Length: ${length}\r\n\r\n`))).toBeUndefined();
  }
  const endless = new StreamFramer();
  expect(endless.push(Buffer.alloc(maxMessageBytes, 0x61))).toEqual([]);
  expect(endless.push(Buffer.from('a'))).toBeUndefined();
});

test('any bytes at all: a part is never longer than what came', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
      const framer = new StreamFramer();
      let came = 0;
      let went = 0;
      for (const chunk of chunks) {
        came += chunk.length;
        for (const part of framer.push(Buffer.from(chunk)) ?? []) went += part.kind === 'ping' ? 4 : part.bytes.length;
      }
      expect(went).toBeLessThanOrEqual(came);
    }),
    { numRuns: 2000 },
  );
});
