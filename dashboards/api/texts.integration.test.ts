import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Utterance } from '#analytics/types.ts';
import type { Role } from '#db/types.ts';
import { exampleRow, refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const liveId = '01938f3e-6b7c-7c2a-9d31-000000000090';
let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse({ config: { asr: { phrases: ['Northwind'] } } });
  await house.store(refundCall(callId, Date.parse('2026-11-20T10:00:00Z')));
  house.live.tell({ type: 'call', call: exampleRow(liveId, Date.now(), { state: 'active' }) });
});
afterAll(() => house.close());

async function send(method: string, path: string, asked?: unknown, as: Role = 'admin') {
  const sent = asked === undefined ? {} : { body: JSON.stringify(asked) };
  const answer = await house.ask(`/api/v1${path}`, as, { method, ...sent });
  const body: unknown = answer.status === 204 ? undefined : await answer.json();
  return { status: answer.status, body };
}
async function utteranceAt(startMs: number): Promise<Utterance> {
  const { body } = await send('GET', `/calls/${callId}/transcript`);
  const found = (body as { items: readonly Utterance[] }).items.find((each) => each.startMs === startMs);
  if (found === undefined) throw new Error(`nothing at ${startMs}`);
  return found;
}
const pathOf = ({ utteranceId }: Utterance): string => `/calls/${callId}/utterances/${utteranceId}`;

test('an admin puts words right: found at once, the first kept, on record without a word of it', async () => {
  const before = await utteranceAt(900);
  const text = 'Good morning, this is Anneke from Northwind, how can I help you?';
  expect((await send('PATCH', pathOf(before), { text }, 'reader')).status).toBe(403);
  const { status, body } = await send('PATCH', pathOf(before), { text });
  expect(status).toBe(200);
  expect(body).toMatchObject({ text, revision: 2, textBy: 'person' });
  expect(await utteranceAt(900)).toEqual(body);
  const found = await send('GET', '/search?q=anneke', undefined, 'reader');
  expect(found.body).toMatchObject({ items: [{ utteranceId: before.utteranceId }] });
  expect((await send('GET', `${pathOf(before)}/revisions`, undefined, 'reader')).body).toMatchObject({
    items: [{ revision: 1, textBy: 'recogniser', text: before.text }],
  });
  const rows = (await house.database.audit.list({ action: 'text-corrected', limit: 2 })).items;
  expect(rows).toHaveLength(1);
  expect(rows[0]?.entry).toMatchObject({
    target: { kind: 'call', id: callId },
    detail: { utteranceId: before.utteranceId },
  });
  expect(JSON.stringify(rows)).not.toContain('Anneke');
  const { body: call } = await send('GET', `/calls/${callId}`);
  const { notes } = call as { notes: readonly unknown[] };
  expect(notes.at(-1)).toMatchObject({ atMs: 900, note: 'text-corrected' });
});

test('a number that somebody types is redacted like one that is said; what is masked cannot be typed over', async () => {
  const before = await utteranceAt(24_300);
  const typed = { text: 'Yes, it is 4111 1111 1111 1111 and the code is [CVV] thank you.' };
  expect(await send('PATCH', pathOf(before), typed)).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  const other = await utteranceAt(37_100);
  const { body } = await send('PATCH', pathOf(other), { text: 'That is my card, 4111 1111 1111 1111.' });
  expect(body).toMatchObject({ text: expect.stringMatching(/^That is my card, \[(CARD|DIGITS)\]\.?$/) as unknown });
  const { body: call } = await send('GET', `/calls/${callId}`);
  expect(JSON.stringify(call)).toContain('"reason":"late"');
  expect(JSON.stringify(await send('GET', `/calls/${callId}/transcript`))).not.toContain('4111');
});

test('says why words cannot be put right', async () => {
  const { utteranceId } = await utteranceAt(900);
  expect(await send('PATCH', `/calls/${liveId}/utterances/${utteranceId}`, { text: 'x' })).toMatchObject({
    status: 409,
  });
  expect(await send('PATCH', `/calls/${callId}/utterances/none`, { text: 'x' })).toMatchObject({ status: 404 });
  expect(await send('PATCH', `/calls/${callId}/utterances/${utteranceId}`, { text: ' ' })).toMatchObject({
    status: 400,
  });
});

test('corrected names are suggested, an admin takes them into the list, and the command line has it all', async () => {
  const sidetone = (...args: readonly string[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const env = {
        ...process.env,
        SIDETONE_DATA_DIR: house.dataDir,
        SIDETONE_HTTP_PORT: new URL(house.http.url).port,
      };
      const command = join(import.meta.dirname, '../../cli/sidetone');
      execFile(command, ['phrases', ...args], { cwd: house.dataDir, env }, (error, stdout) => {
        if (error === null) resolve(args.includes('--json') ? JSON.parse(stdout) : stdout);
        else reject(error);
      });
    });
  expect((await send('GET', '/phrases/suggestions', undefined, 'reader')).body).toMatchObject({
    items: [{ heard: 'anna', corrected: 'Anneke', count: 1 }],
  });
  expect(await sidetone('suggest')).toMatch(/1\s+anna\s+Anneke/);
  expect(await sidetone('add', 'Anneke', '--json')).toMatchObject({ phrase: 'Anneke', from: 'list' });
  expect((await send('GET', '/phrases/suggestions')).body).toMatchObject({ items: [] });
  expect(await sidetone('list', '--json')).toMatchObject([
    { phrase: 'Anneke', from: 'list' },
    { phrase: 'Northwind', from: 'configuration', addedBy: null },
  ]);
  expect(await send('POST', '/phrases', { phrase: '4111 1111' })).toMatchObject({ status: 400 });
  expect(await sidetone('remove', 'anneke')).toContain('out of the list');
  expect(await send('DELETE', '/phrases?phrase=Anneke')).toMatchObject({ status: 404 });
});
