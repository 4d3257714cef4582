import { afterEach, expect, test } from 'vitest';
import { openBench, type Bench } from './testing/bench.ts';
import { sdp } from './testing/raw-ua.ts';

let bench: Bench;
afterEach(() => bench.close());

test('a call has the phrases of its INVITE, then those of its route; what is no phrase is left out', async () => {
  bench = await openBench({
    asr: { phrasesHeader: 'X-Phrases' },
    routes: [
      { match: '^3', to: 'sip:$0@127.0.0.1:CALLEE', phrases: ['claims line', 'Okonkwo'], language: 'de' },
      { to: 'sip:$0@127.0.0.1:CALLEE' },
    ],
  });
  const { caller, callee, port, events } = bench;
  for (const [user, headers] of [
    ['300', ['X-Phrases: okonkwo, 4111 1111,  Blue   Harbour', 'X-Phrases: Tarn']],
    ['200', []],
  ] as const) {
    caller.invite({ port, user, body: sdp(), headers });
    await callee.expect('INVITE');
  }
  const told = events.flatMap((event) => (event.type === 'ringing' ? [[event.language, event.phrases]] : []));
  expect(told).toEqual([
    ['de', ['okonkwo', 'Blue Harbour', 'Tarn', 'claims line']],
    [undefined, undefined],
  ]);
});
