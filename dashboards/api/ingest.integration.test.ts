import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Role } from '#db/types.ts';
import { systemClock } from '#lib/clock.ts';
import { silentLogger } from '#lib/log.ts';
import type { IngestEntry } from '#media/types.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';
import { AuditTrail } from '../http/audit-trail.ts';
import { HandInRecord } from '../ingest/hand-in-record.ts';

let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse({ config: { ingest: { maxUploadMb: 2 } } });
});
afterAll(() => house.close());
beforeEach(() => {
  house.ingest.uploads.length = 0;
});

interface Sent {
  readonly status: number;
  readonly body: { items?: { sha256: string; callIds: string[]; isNew: boolean }[]; code?: string; detail?: string };
}
type Part = readonly [name: string, content: string | Uint8Array<ArrayBuffer>];

async function send(parts: readonly Part[], as: Role | undefined = 'admin', init: RequestInit = {}): Promise<Sent> {
  const form = new FormData();
  for (const [name, content] of parts) {
    if (name.includes('.')) form.append('file', new Blob([content]), name);
    else form.append(name, String(content));
  }
  const answer = await house.ask('/api/v1/ingest', as, { method: 'POST', body: form, ...init });
  return { status: answer.status, body: (await answer.json()) as Sent['body'] };
}

const noise = (bytes: number, seed: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: bytes }, (_, at) => (at * 31 + seed * 17 + (at >> 8)) & 0xff);
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

test('a file arrives whole and is taken under the name of who handed it in; again it is the same calls', async () => {
  const content = noise(1_500_000, 1);
  const first = await send([['a call.wav', content]]);
  expect(first.status).toBe(202);
  expect(first.body.items).toMatchObject([
    { sha256: sha256(content), names: ['a call.wav'], isNew: true, state: 'waiting', bytes: 1_500_000 },
  ]);
  expect(house.ingest.uploads).toMatchObject([{ swap: false, startedAtEpochMs: null, sourceName: 'admin key' }]);
  const again = await send([['other name.wav', content]]);
  expect(again.status).toBe(200);
  expect(again.body.items).toMatchObject([{ callIds: first.body.items?.[0]?.callIds, isNew: false }]);
  const asked = await house.ask(`/api/v1/ingest/${sha256(content)}`, 'admin');
  expect(await asked.json()).toMatchObject({ callIds: first.body.items?.[0]?.callIds, durationMs: 65_300 });
  expect((await house.ask(`/api/v1/ingest/${'0'.repeat(64)}`, 'admin')).status).toBe(404);
});

test('that a file was handed in is on record, and so is each call that it became', async () => {
  const { body } = await send([['+4915123456789.wav', noise(100, 2)]]);
  const { items } = await house.database.audit.list({ limit: 2 });
  expect(items.map(({ entry }) => [entry?.action, entry?.target])).toEqual([
    ['call-ingested', { kind: 'call', id: body.items?.[0]?.callIds[0] }],
    ['ingest-requested', null],
  ]);
  expect(items[0]?.entry?.detail).toMatchObject({ names: ['+#########.wav'] });
});

test('a pair is one call, with what was said of it, wherever in the form that stands', async () => {
  const told: readonly Part[] = [
    ['agent.wav', noise(100, 3)],
    ['swap', 'true'],
    ['pair', 'true'],
    ['customer.wav', noise(100, 4)],
    ['startedAt', '2026-11-20T10:00:00+01:00'],
    ['source', 'Old recorder'],
  ];
  const { status, body } = await send(told);
  expect([status, body.items?.length]).toEqual([202, 1]);
  expect(house.ingest.uploads).toMatchObject([
    {
      files: [{ name: 'agent.wav' }, { name: 'customer.wav' }],
      swap: true,
      startedAtEpochMs: Date.parse('2026-11-20T09:00:00Z'),
      sourceName: 'Old recorder',
    },
  ]);
});

test('several files are several entries; the first that is refused ends it and says where it is broken', async () => {
  const { status, body } = await send([
    ['good.flac', noise(50, 5)],
    ['bad.flac', 'broken'],
    ['late.flac', noise(50, 6)],
  ]);
  expect([status, body.code]).toEqual([415, 'unsupported-audio']);
  expect(body.detail).toContain('(at byte 49156, after 0:00:01.4 of sound)');
  expect(house.ingest.uploads.map(({ files }) => files[0]?.name)).toEqual(['good.flac', 'bad.flac']);
  expect(house.sources.refusals.at(-1)).toEqual([
    { source: 'ingest', sourceName: 'admin key' },
    '127.0.0.1',
    { reason: 'unsupported-audio', remedy: body.detail },
  ]);
});

test.each([
  ['no file', [['swap', 'true']], /no file/],
  [
    'half a pair',
    [
      ['pair', 'true'],
      ['a.wav', 'x'],
    ],
    /form\.pair: takes two files/,
  ],
  [
    'a flag that is none',
    [
      ['swap', 'perhaps'],
      ['a.wav', 'x'],
    ],
    /form\.swap/,
  ],
  [
    'a time that is none',
    [
      ['startedAt', 'yesterday'],
      ['a.wav', 'x'],
    ],
    /form\.startedAt/,
  ],
  [
    'a field that there is not',
    [
      ['colour', 'red'],
      ['a.wav', 'x'],
    ],
    /colour/,
  ],
] as const)('%s is 400', async (_name, parts, detail) => {
  const { status, body } = await send(parts);
  expect([status, body.code, body.detail]).toEqual([400, 'bad-request', expect.stringMatching(detail)]);
  expect(house.ingest.uploads).toEqual([]);
});

test('what is no form, and a form that ends early, is 400', async () => {
  const json = await house.ask('/api/v1/ingest', 'admin', { method: 'POST', body: '{}' });
  expect(json.status).toBe(400);
  const torn = await house.ask('/api/v1/ingest', 'admin', {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
    body: new TextEncoder().encode('--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nhalf'),
  });
  expect(torn.status).toBe(400);
});

/** Sends a form of so many bytes, without saying its length unless told, and gives the status. */
function sendLong(bytes: number, headers: Readonly<Record<string, string | number>> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${house.http.url}/api/v1/ingest`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${house.keys.admin}`,
        'Content-Type': 'multipart/form-data; boundary=b',
        ...headers,
      },
    });
    asked.once('response', (response) => {
      resolve(response.statusCode);
      asked.destroy();
    });
    asked.once('error', reject);
    asked.write('--b\r\nContent-Disposition: form-data; name="file"; filename="long.wav"\r\n\r\n');
    for (let sent = 0; sent < bytes; sent += 65_536) asked.write(Buffer.alloc(65_536));
  });
}

test('an upload over the limit is 413: by its length before anything is read, else as soon as it is over', async () => {
  expect(await sendLong(0, { 'Content-Length': 3_000_000 })).toBe(413);
  expect(await sendLong(2_500_000)).toBe(413);
});

test('one that breaks off leaves nothing behind', async () => {
  const asked = httpRequest(`${house.http.url}/api/v1/ingest`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${house.keys.admin}`, 'Content-Type': 'multipart/form-data; boundary=b' },
  });
  asked.on('error', () => undefined);
  asked.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n');
  asked.write(Buffer.alloc(200_000));
  await expect.poll(() => readdirSync(house.ingest.spoolDir)).toHaveLength(1);
  asked.destroy();
  await expect.poll(() => readdirSync(house.ingest.spoolDir)).toEqual([]);
});

test('a reader hands nothing in, nor does anybody when it cannot be put on record', async () => {
  expect((await send([['a.wav', 'x']], 'reader')).status).toBe(403);
  house.auditRefuses = true;
  try {
    expect((await send([['a.wav', 'x']])).status).toBe(503);
  } finally {
    house.auditRefuses = false;
  }
  expect(house.ingest.uploads).toEqual([]);
});

test('whose file a call is goes on record also when the database fails just as the file was taken', async () => {
  const ingested = async (callId = ''): Promise<unknown[]> => {
    const { items } = await house.database.audit.list({ action: 'call-ingested', targetId: callId, limit: 10 });
    return items.map(({ entry }) => [entry?.actor.name, entry?.atEpochMs, entry?.detail]);
  };
  house.ingest.onTaken = () => {
    house.auditRefuses = true;
  };
  let callId: string | undefined;
  try {
    const { status, body } = await send([['late.wav', noise(100, 9)]], 'sender', {
      headers: { 'Sidetone-On-Behalf-Of': 'maria' },
    });
    callId = body.items?.[0]?.callIds[0];
    expect(status).toBe(202);
    expect(await ingested(callId)).toEqual([]);
  } finally {
    house.auditRefuses = false;
    house.ingest.onTaken = () => undefined;
  }
  await expect.poll(() => ingested(callId), { timeout: 10_000 }).toHaveLength(1);
  const entry = await house.ingest.find(sha256(noise(100, 9)));
  const detail = { sha256: entry?.sha256, names: ['late.wav'], onBehalfOf: { name: 'maria', verified: false } };
  expect(await ingested(callId)).toEqual([['sender key', entry?.takenEpochMs, detail]]);
  expect(await house.database.ingest.unrecorded()).toEqual([]);
});

test('a server that died in between leaves it to the next, also of a call that is deleted by then', async () => {
  const entry = {
    ...((await house.ingest.find(sha256(noise(1_500_000, 1)))) as IngestEntry),
    sha256: 'left by another',
    callIds: ['left-1', 'left-2'],
    state: 'done' as const,
  };
  await house.database.ingest.save(entry);
  await house.database.calls.remove('left-1').catch(() => undefined);
  const record = new HandInRecord({
    database: house.database,
    trail: new AuditTrail(house.database, systemClock),
    masks: { query: (text) => text },
    logger: silentLogger,
  });
  await record.write();
  await record.close();
  for (const targetId of entry.callIds) {
    const { items } = await house.database.audit.list({ action: 'call-ingested', targetId, limit: 10 });
    expect(items.map((row) => row.entry?.actor.name)).toEqual(['admin key']);
  }
});

test('nothing of all this is left in the spool', () => {
  expect(readdirSync(house.ingest.spoolDir)).toEqual([]);
});
