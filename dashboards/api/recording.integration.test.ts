import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BackgroundTasks } from '#lib/closing.ts';
import { exampleRow, exampleUtterance, refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';
import { ExportArchive } from '../exports/archive.ts';
import { removeGoneExports } from '../exports/gone.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const secondId = '01938f3e-6b7c-7c2a-9d31-000000000002';
const liveId = '01938f3e-6b7c-7c2a-9d31-000000000090';
/** Header of 58 bytes, then 8 kHz, two channels of one byte. */
const byteAt = (second: number): number => 58 + second * 16_000;
let house: HttpHouse;
let wav: Buffer;
beforeAll(async () => {
  house = await openHttpHouse();
  const first = refundCall(callId, Date.parse('2026-11-20T10:00:00Z'));
  const formula = { ...first.utterances[0], text: '=1+1 is what I said' } as (typeof first.utterances)[number];
  await house.store({ ...first, utterances: [formula, ...first.utterances.slice(1)] });
  await house.store(refundCall(secondId, Date.parse('2026-11-21T10:00:00Z')));
  wav = readFileSync(join(house.dataDir, `recordings/${callId}.wav`));
  house.live.tell({ type: 'call', call: exampleRow(liveId, Date.now(), { state: 'active' }) });
});
afterAll(() => house.close());

const get = (range?: string): Promise<Response> =>
  house.ask(`/api/v1/calls/${callId}/recording`, 'reader', range === undefined ? {} : { headers: { Range: range } });
const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());
async function lastRow() {
  const { items } = await house.database.audit.list({ limit: 1 });
  return items[0]?.entry;
}

test('the whole recording', async () => {
  const answer = await get();
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('audio/wav');
  expect((await bytesOf(answer)).equals(wav)).toBe(true);
});

test('a range is those bytes, and on record as seconds', async () => {
  const answer = await get(`bytes=${byteAt(3)}-${byteAt(5) - 1}`);
  expect(answer.status).toBe(206);
  expect(answer.headers.get('content-range')).toBe(`bytes ${byteAt(3)}-${byteAt(5) - 1}/${wav.length}`);
  expect((await bytesOf(answer)).equals(wav.subarray(byteAt(3), byteAt(5)))).toBe(true);
  expect(await lastRow()).toMatchObject({
    action: 'recording-played',
    target: { kind: 'call', id: callId },
    detail: { fromS: 3, toS: 5 },
  });
});

test('an open range is given ten seconds at a time, so that the record is of what was sent', async () => {
  const answer = await get(`bytes=${byteAt(20)}-`);
  expect(answer.status).toBe(206);
  expect(await bytesOf(answer)).toHaveLength(10 * 16_000);
  expect(await lastRow()).toMatchObject({ detail: { fromS: 20, toS: 30 } });
});

test('a range past the end is 416; a wrong one is the whole', async () => {
  const past = await get(`bytes=${wav.length}-`);
  expect(past.status).toBe(416);
  expect(past.headers.get('content-range')).toBe(`bytes */${wav.length}`);
  expect((await get('bytes=9-3')).status).toBe(200);
});

test('what was redacted is zero in sound and peaks', async () => {
  const answer = await house.ask(`/api/v1/calls/${callId}/peaks`, 'reader');
  const peaks = (await answer.json()) as { peakMs: number; durationMs: number; caller: number[]; callee: number[] };
  expect(peaks).toMatchObject({
    peakMs: 50,
    durationMs: 45_000,
    lanes: { caller: { channel: 'left', sides: ['caller'] }, callee: { channel: 'right', sides: ['callee'] } },
  });
  const card = peaks.caller.slice(24_900 / 50, 28_800 / 50);
  expect(card.every((peak) => peak === 0)).toBe(true);
  expect(Math.max(...peaks.caller)).toBeGreaterThan(0.1);
});

async function exportOf(body: unknown): Promise<{ exportId: string; items: { path: string; sha256: string }[] }> {
  const made = await house.ask('/api/v1/exports', 'admin', { method: 'POST', body: JSON.stringify(body) });
  expect(made.status).toBe(201);
  return (await made.json()) as Awaited<ReturnType<typeof exportOf>>;
}

test('an export of a call holds what its manifest says, to the digest', async () => {
  const { exportId, items } = await exportOf({ callId });
  const file = async (name: string): Promise<Buffer> =>
    bytesOf(await house.ask(`/api/v1/exports/${exportId}/files/${name}`, 'admin'));
  for (const { path, sha256 } of items) {
    expect([
      path,
      createHash('sha256')
        .update(await file(path))
        .digest('hex'),
    ]).toEqual([path, sha256]);
  }
  const manifest = JSON.parse((await file('manifest.json')).toString()) as Record<string, unknown>;
  expect(manifest).toMatchObject({
    format: 'sidetone-export/1',
    exportId,
    madeBy: { name: 'admin key' },
    scope: { callId },
    calls: [callId],
  });
  expect((await file(`recording-${callId}.wav`)).equals(wav)).toBe(true);
  // A spreadsheet must not run what somebody said.
  expect((await file('utterances.csv')).toString()).toContain("'=1+1 is what I said");
  const line = JSON.parse((await file('calls.jsonl')).toString()) as { utterances: unknown[]; recording: object };
  expect(line.utterances).toHaveLength(10);
  expect(line.recording).not.toHaveProperty('path');
  const missing = await house.ask(`/api/v1/exports/${exportId}/files/..%2f..%2fadmin-key`, 'admin');
  expect(missing.status).toBe(400);
});

test('an export is on record: asked for, each call that went out, and the digest of the manifest', async () => {
  const { exportId } = await exportOf({ from: '2026-11-19T00:00:00Z', to: '2026-11-22T00:00:00Z' });
  const { items } = await house.database.audit.list({ limit: 4 });
  expect(items.map((row) => [row.entry?.action, row.entry?.target?.id])).toEqual([
    ['export-made', exportId],
    ['call-exported', callId],
    ['call-exported', secondId],
    ['export-requested', 'period'],
  ]);
  const record = await house.database.exports.get(exportId);
  expect(items[0]?.entry?.detail).toMatchObject({ calls: 2, manifestSha256: record?.manifestSha256 });
});

test('a call that runs is neither exported nor deleted', async () => {
  const body = JSON.stringify({ callId: liveId });
  expect((await house.ask('/api/v1/exports', 'admin', { method: 'POST', body })).status).toBe(409);
  expect((await house.ask(`/api/v1/calls/${liveId}`, 'admin', { method: 'DELETE' })).status).toBe(409);
  expect((await house.ask(`/api/v1/calls/${liveId}/recording`, 'reader')).status).toBe(404);
});

test('a deleted call is gone from calls, search, disk and exports; that it was is on record', async () => {
  const { exportId } = await exportOf({ callId });
  expect((await house.ask(`/api/v1/calls/${callId}`, 'admin', { method: 'DELETE' })).status).toBe(204);
  expect(await lastRow()).toMatchObject({
    action: 'call-deleted',
    target: { id: callId },
    actor: { name: 'admin key' },
  });
  expect((await house.ask(`/api/v1/calls/${callId}`, 'reader')).status).toBe(404);
  const found = await house.ask(`/api/v1/search?q=refund&call=${callId}`, 'reader');
  expect(await found.json()).toMatchObject({ items: [] });
  expect(existsSync(join(house.dataDir, `recordings/${callId}.wav`))).toBe(false);
  const gone = await house.ask(`/api/v1/exports/${exportId}`, 'admin');
  expect(await gone.json()).toMatchObject({ available: false, goneBecause: 'call-deleted', items: [] });
  expect((await house.ask(`/api/v1/exports/${exportId}/files/calls.csv`, 'admin')).status).toBe(404);
});

test('an export whose call is redacted further is taken back, and says why; one made anew is there', async () => {
  const { exportId } = await exportOf({ callId: secondId });
  const told = exampleUtterance(secondId, 3, ['caller', 12_900, 16_400, '[CARD] please.', 0]);
  house.database.store.write({ op: 'rewrite-utterance', utterance: { ...told, revision: 2 } });
  await house.database.flush();
  await expect.poll(() => existsSync(join(house.dataDir, 'exports', exportId))).toBe(false);
  const gone = await house.ask(`/api/v1/exports/${exportId}`, 'admin');
  expect(await gone.json()).toMatchObject({ available: false, goneBecause: 'late-redaction', items: [] });
  expect((await house.ask(`/api/v1/exports/${exportId}/files/utterances.csv`, 'admin')).status).toBe(404);
  const anew = await exportOf({ callId: secondId });
  const sheet = await house.ask(`/api/v1/exports/${anew.exportId}/files/utterances.csv`, 'admin');
  expect(await sheet.text()).toContain('[CARD] please.');
});

test('files of an export that is gone are removed at the next start, where a crash came before', async () => {
  const { exportId } = await exportOf({ callId: secondId });
  await house.database.exports.markGone(secondId, 'late-redaction');
  const background = new BackgroundTasks((error) => {
    throw error;
  });
  const archive = new ExportArchive(house.dataDir);
  expect(existsSync(archive.folderOf(exportId))).toBe(true);
  removeGoneExports({ database: house.database, archive, background })();
  await background.settle();
  expect(await archive.list()).toEqual([]);
});
