/**
 * From the end of an utterance to its being shown (SSE) and to its being found by search, over demonstration calls
 * through a whole server. Utterances that redaction holds are counted apart. Prints JSON.
 *
 *     node bench/call-to-search.ts [--calls 2]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LiveEvent, Utterance } from '#analytics/types.ts';
import { readTelephoneSound } from '../cli/commands/call.ts';
import { callBetweenPhones } from '../cli/softphone/pair.ts';
import { repository, TestServer, waitFor } from '../test/server.ts';
import { SseWatcher } from '../test/sse.ts';

/** Beyond this an utterance was not late but held by redaction. */
const heldMs = 4000;

const { values } = parseArgs({ options: { calls: { type: 'string', default: '2' } } });
const server = await TestServer.start({ environment: { SIDETONE_SIP_PORT: '25360' } });
await server.ready();
const watcher = await SseWatcher.open((path, init) => server.get(path, init), '/api/v1/events');
const sound = {
  callerPcm: await readTelephoneSound(join(repository, 'demo/caller.wav')),
  calleePcm: await readTelephoneSound(join(repository, 'demo/callee.wav')),
};

const mediaStart = new Map<string, number>();
const shown: number[] = [];
const searchable: number[] = [];
let held = 0;
let seen = 0;
let over = 0;
const lookups: Promise<void>[] = [];

async function findable(utterance: Utterance, endedEpochMs: number): Promise<void> {
  const words = utterance.text.replaceAll(/\[[A-Z]+\]|["\p{P}]/gu, ' ').trim();
  const query = `/api/v1/search?q=${encodeURIComponent(`"${words}"`)}&call=${utterance.callId}`;
  await waitFor('an utterance to be found', async () => {
    const { items } = await server.json<{ items: unknown[] }>(query);
    return items.length > 0 ? true : undefined;
  });
  searchable.push(Date.now() - endedEpochMs);
}

function take(event: LiveEvent, atEpochMs: number): void {
  if (event.type === 'call' && event.call.mediaStartedAt !== null) {
    mediaStart.set(event.call.callId, Date.parse(event.call.mediaStartedAt));
  } else if (event.type === 'end') {
    over += 1;
  } else if (event.type === 'utterance') {
    const endedEpochMs = (mediaStart.get(event.callId) ?? NaN) + event.utterance.endMs;
    if (atEpochMs - endedEpochMs > heldMs) held += 1;
    else {
      shown.push(atEpochMs - endedEpochMs);
      lookups.push(findable(event.utterance, endedEpochMs));
    }
  }
}

const calls = Number(values.calls);
const running = Promise.all(
  Array.from({ length: calls }, () => callBetweenPhones({ ...sound, via: server.sip, transport: 'udp' })),
);
await waitFor(
  'the calls to be over',
  () => {
    for (const { data, atEpochMs } of watcher.messages.slice(seen)) take(JSON.parse(data) as LiveEvent, atEpochMs);
    seen = watcher.messages.length;
    return over === calls ? true : undefined;
  },
  300_000,
);
await running;
await Promise.all(lookups);
watcher.close();
await server.close();

function percentile(list: readonly number[], share: number): number | null {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
const figures = (list: readonly number[]): object => ({ p50Ms: percentile(list, 0.5), p95Ms: percentile(list, 0.95) });
process.stdout.write(
  `${JSON.stringify(
    {
      bench: 'call-to-search',
      calls,
      utterances: shown.length,
      heldByRedaction: held,
      endToShown: figures(shown),
      endToSearchable: figures(searchable),
    },
    null,
    2,
  )}\n`,
);
process.exit(0);
