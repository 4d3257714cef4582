import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, FrameDecoder, parseCommand } from './frames.ts';

test('frames are counted in bytes and come out however the stream is cut', () => {
  const payloads = ['a', 'id|sip||d\r\nINVITE sip:ü SIP/2.0\r\n\r\n', 'x#y', '💬'.repeat(5000)];
  const stream = Buffer.concat(payloads.map((each) => encodeFrame(each, Buffer.alloc(0))));
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 10 }), (cuts) => {
      const decoder = new FrameDecoder();
      const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      const heard: string[] = [];
      for (let i = 1; i < at.length; i += 1) {
        for (const each of decoder.push(stream.subarray(at[i - 1], at[i])) ?? []) heard.push(each.toString());
      }
      expect(heard).toEqual(payloads);
    }),
    { numRuns: 200 },
  );
  expect(encodeFrame('é', Buffer.from([0xff])).toString('latin1')).toBe('3#Ã©ÿ');
});

test('what is no frame ends the connection', () => {
  for (const bytes of ['x#', '-1#a', '0#', '99999999#', '12345678', '1.5#aa', '#']) {
    expect(new FrameDecoder().push(Buffer.from(bytes))).toBeUndefined();
  }
});

test('a command is a line of fields and what follows it', () => {
  expect(parseCommand(Buffer.from('7|sip|t|d;from-tag=1|sip:p\r\nBYE'))).toEqual({
    id: '7',
    verb: 'sip',
    fields: ['t', 'd;from-tag=1', 'sip:p'],
    message: Buffer.from('BYE'),
  });
  expect(parseCommand(Buffer.from('7|ping'))).toMatchObject({ verb: 'ping', fields: [], message: Buffer.alloc(0) });
});
