import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nobodyKnown, personOf } from '../parties.ts';
import { Refused } from '../refusals.ts';
import { readAddress, readRate } from './address.ts';
import { isJsonMedia, readMessage } from './json-messages.ts';
import { readSaid } from './said.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);

test('the address says what it says, and a mistake in it is refused', () => {
  expect(readAddress('/api/v1/streams')).toEqual({
    format: null,
    call: null,
    side: null,
    sampleRateHz: null,
    channels: null,
    swap: null,
    people: nobodyKnown,
    sipCallId: null,
  });
  expect(readAddress('/api/v1/streams?format=linear16&mixType=stereo&sampleRate=48k&swap=true&call=7')).toMatchObject({
    format: 'linear16',
    channels: 2,
    sampleRateHz: 48_000,
    swap: true,
    call: '7',
  });
  expect(readAddress('/x?format=twilio&mixType=mixed&caller=%2B15550100')).toMatchObject({
    side: 'mixed',
    people: { caller: { uri: 'tel:+15550100' }, callee: null },
  });
  for (const wrong of ['side=left', 'channels=3', 'sampleRate=1k', 'sampleRate=fast', 'swap=maybe', 'mixType=both']) {
    expect(() => readAddress(`/x?format=twilio&${wrong}`)).toThrow(new Refused('bad-parameter'));
  }
  expect(() => readAddress('/x?format=wav')).toThrow(new Refused('unknown-format'));
});

test('what senders say is understood in each of their spellings', () => {
  const vonage = {
    event: 'websocket:connected',
    'content-type': 'audio/l16;rate=16000',
    conversation_uuid: 'CON-1',
    caller: '15550100',
  };
  expect(readSaid(vonage)).toMatchObject({ callIds: ['CON-1'], sampleRateHz: 16_000 });
  const plivo = {
    event: 'start',
    start: { callId: 'uuid-1', streamId: 's', mediaFormat: { encoding: 'audio/x-l16', sampleRate: 16_000 } },
  };
  expect(readMessage(JSON.stringify(plivo))).toMatchObject({
    type: 'start',
    format: { encoding: 'linear16', sampleRateHz: 16_000 },
    said: { callIds: ['uuid-1'], outbound: false },
  });
  const exotel = {
    event: 'start',
    stream_sid: 'MZ',
    start: {
      call_sid: 'CA',
      from: '+1',
      to: '+15550111',
      media_format: { encoding: 'audio/x-raw', sample_rate: '8000' },
    },
  };
  expect(readMessage(JSON.stringify(exotel))).toMatchObject({
    format: { encoding: 'linear16', sampleRateHz: 8000 },
    said: { callIds: ['CA'], people: { callee: { uri: 'tel:+15550111' } } },
  });
  expect(readSaid({ direction: 'outbound-api' }).outbound).toBe(true);
  expect(readMessage('{"event":"dtmf","dtmf":{"digit":"1","track":"outbound_track"}}')).toEqual({
    type: 'key',
    track: 'outbound',
    durationMs: 100,
    spelled: '1',
  });
  expect(['{"event":"connected"}', '{"event":"start"}', '{"sampleRate":8000}', 'hello'].map(isJsonMedia)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('people: numbers, SIP URIs without what is after them, names, and those who are withheld', () => {
  expect(personOf('+1 (555) 010-0')).toEqual({ uri: 'tel:+15550100', displayName: null });
  expect(personOf('sip:bob:secret@example.com:5060;transport=tls')).toEqual({
    uri: 'sip:bob@example.com:5060',
    displayName: null,
  });
  expect(personOf('Ann Example')).toEqual({ uri: null, displayName: 'Ann Example' });
  expect([personOf('anonymous'), personOf(' '), personOf(null)]).toEqual([null, null, null]);
});

test('no message is too odd: it is one of ours or none, and nothing throws', () => {
  const field = fc.constantFrom(
    'event',
    'start',
    'media',
    'dtmf',
    'payload',
    'track',
    'chunk',
    'timestamp',
    'callSid',
    'encoding',
    'mediaFormat',
    '__proto__',
    'constructor',
  );
  const word = fc.constantFrom('start', 'media', 'stop', 'dtmf', 'constructor', 'audio/x-mulaw', '-1', '1e400', '////');
  const leaf = fc.oneof(word, fc.integer(), fc.constantFrom(null, true, [], [[1]], 1e300));
  const flat = fc.dictionary(field, leaf, { maxKeys: 5 });
  const value = fc.oneof(leaf, flat, fc.dictionary(field, flat, { maxKeys: 3 }));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.record({ event: word, start: value, media: value, dtmf: value }).map((json) => JSON.stringify(json)),
        fc.dictionary(field, value, { maxKeys: 5 }).map((json) => JSON.stringify(json)),
        fc.json({ maxDepth: 2 }),
        fc.string(),
      ),
      (text) => {
        const message = readMessage(text);
        if (message?.type === 'media') {
          expect(message.chunk === null || message.chunk >= 0).toBe(true);
          expect(message.payload.length).toBeLessThanOrEqual(text.length);
        }
        if (message?.type === 'start' && message.format !== undefined) {
          expect(message.format.sampleRateHz).toBeGreaterThanOrEqual(8000);
          expect(['linear16', 'pcmu', 'pcma']).toContain(message.format.encoding);
        }
      },
    ),
    { numRuns },
  );
  fc.assert(
    fc.property(fc.webQueryParameters(), (query) => {
      try {
        readAddress(`/api/v1/streams?${query}`);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Refused);
      }
    }),
    { numRuns },
  );
});

test('a deep or broad message costs no more than it should', () => {
  const deep = '{"a":'.repeat(5000) + '1' + '}'.repeat(5000);
  expect(readMessage(`{"event":"start","start":${deep}}`)).toMatchObject({ type: 'start' });
  const broad = JSON.stringify({
    event: 'start',
    ...Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n])),
  });
  expect(readMessage(broad)).toMatchObject({ type: 'start', said: { callIds: [] } });
});

test('rates that are in use are taken, and none whose filter would hold up everybody else', () => {
  const inUse = [
    8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000,
  ];
  expect(inUse.map(readRate)).toEqual(inUse);
  expect(['16k', '192k'].map(readRate)).toEqual([16_000, 192_000]);
  expect([191_975, 22_075, 100_025].map(readRate)).toEqual([undefined, undefined, undefined]);
  expect(['191999', '8001', '7975', '192025', '16000.5', '', null].map(readRate)).toEqual(
    Array.from({ length: 7 }, () => undefined),
  );
});
