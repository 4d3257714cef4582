import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntry } from '#db/types.ts';
import { refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const noCall = callId.replace(/1$/, '2');
let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse();
  await house.store(refundCall(callId, Date.parse('2026-11-20T10:00:00Z')));
});
afterAll(() => house.close());

async function rows(): Promise<readonly AuditEntry[]> {
  const { items } = await house.database.audit.list({ limit: 200 });
  return items.flatMap((row) => (row.entry === null ? [] : [row.entry]));
}

const reads = [
  { path: '/calls?party=Dana', action: 'calls-listed', detail: { party: 'Dana', results: 1 } },
  { path: `/calls/${callId}`, action: 'call-opened', target: callId },
  {
    path: `/calls/${callId}/transcript?format=vtt`,
    action: 'transcript-read',
    target: callId,
    detail: { format: 'vtt' },
  },
  { path: `/calls/${callId}/metrics`, action: 'metrics-read', target: callId },
  { path: `/calls/${callId}/findings`, action: 'findings-read', target: callId },
  { path: `/calls/${callId}/redactions`, action: 'redactions-read', target: callId },
  { path: `/calls/${callId}/peaks`, action: 'waveform-read', target: callId },
  { path: `/calls/${callId}/recording`, action: 'recording-played', target: callId, detail: { fromS: 0, toS: 45 } },
  { path: '/search?q=refund', action: 'search-run', detail: { q: 'refund', results: 3 } },
  { path: '/audit', action: 'audit-read' },
  { path: '/users', action: 'users-listed' },
  { path: '/keys', action: 'keys-listed' },
  { path: '/exports', action: 'exports-listed' },
] as const;

test.each(reads)('$action is on record: who, from where, what', async ({ path, action, ...want }) => {
  const answer = await house.ask(`/api/v1${path}`, 'admin');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  await answer.arrayBuffer();
  const row = (await rows()).find((entry) => entry.action === action);
  expect(row).toMatchObject({
    actor: { kind: 'key', name: 'admin key' },
    sourceIp: '127.0.0.1',
    outcome: 'allowed',
    ...('target' in want ? { target: { kind: 'call', id: want.target } } : {}),
    ...('detail' in want ? { detail: want.detail } : {}),
  });
});

test.each(reads)('$action is refused when it cannot be put on record', async ({ path }) => {
  house.auditRefuses = true;
  try {
    const answer = await house.ask(`/api/v1${path}`, 'admin');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const body = await answer.text();
    expect(JSON.parse(body)).toMatchObject({ code: 'audit-write-failed', status: 503 });
    expect(body).not.toContain('refund');
  } finally {
    house.auditRefuses = false;
  }
});

test('a change that cannot be put on record is not done', async () => {
  house.auditRefuses = true;
  const refused = await house.ask(`/api/v1/calls/${callId}`, 'admin', { method: 'DELETE' });
  const noKey = await house.ask('/api/v1/keys', 'admin', {
    method: 'POST',
    body: JSON.stringify({ name: 'unseen', role: 'admin' }),
  });
  house.auditRefuses = false;
  expect([refused.status, noKey.status]).toEqual([503, 503]);
  expect(house.removedRecordings).toEqual([]);
  expect((await house.ask(`/api/v1/calls/${callId}`, 'reader')).status).toBe(200);
  expect((await house.database.keys.list()).map((key) => key.name)).not.toContain('unseen');
});

test('digits of a query are masked before it is run or recorded', async () => {
  const answer = await house.ask('/api/v1/search?q=4111111111111111', 'reader');
  expect(answer.status).toBe(200);
  const row = (await rows()).find((entry) => entry.action === 'search-run');
  expect(row?.detail).toMatchObject({ q: '#########' });
  expect(JSON.stringify(await rows())).not.toContain('4111111111111111');
});

test('what was asked for and is not there is on record as refused', async () => {
  const answer = await house.ask(`/api/v1/calls/${noCall}/transcript`, 'reader');
  expect(answer.status).toBe(404);
  const row = (await rows())[0];
  expect(row).toMatchObject({ action: 'transcript-read', outcome: 'refused', target: { id: noCall } });
});

test('refusals are on record: nobody, a wrong key, a reader where an admin is needed', async () => {
  expect((await house.ask(`/api/v1/calls/${callId}`)).status).toBe(401);
  const wrong = await house.ask('/api/v1/calls', undefined, {
    headers: { Authorization: 'Bearer st_wrongwrongwrong' },
  });
  expect(wrong.status).toBe(401);
  expect((await house.ask(`/api/v1/calls/${callId}`, 'reader', { method: 'DELETE' })).status).toBe(403);
  const [deletion, wrongKey, nobody] = await rows();
  expect(deletion).toMatchObject({
    action: 'request-refused',
    outcome: 'refused',
    actor: { name: 'reader key' },
    target: { kind: 'route', id: 'deleteCall' },
    detail: { code: 'forbidden', callId },
  });
  expect(wrongKey).toMatchObject({ detail: { code: 'unauthenticated' }, actor: { id: 'anonymous' } });
  expect(nobody).toMatchObject({ detail: { code: 'unauthenticated', callId } });
});

test('the chain that all this made is whole', async () => {
  const answer = await house.ask('/api/v1/audit/verify', 'admin', { method: 'POST' });
  expect(await answer.json()).toMatchObject({ intact: true, headSignature: 'valid', outsideHead: 'matches' });
});

test('an action that is never written is refused, with those that are', async () => {
  const answer = await house.ask('/api/v1/audit?action=call-opend', 'admin');
  const { detail } = (await answer.json()) as { detail: string };
  expect([answer.status, detail]).toEqual([400, expect.stringMatching(/query\.action: no such action; .*call-opened/)]);
  expect((await house.ask('/api/v1/audit?action=', 'admin')).status).toBe(200);
});

test('for whom a shared key says it asks is on record as a claim: of what is done, of each call exported, of refusals', async () => {
  const claim = { 'Sidetone-On-Behalf-Of': encodeURIComponent('zoë') };
  const onBehalfOf = { name: 'zoë', verified: false };
  await house.ask(`/api/v1/calls/${callId}`, 'admin', { headers: claim });
  await house.ask('/api/v1/exports', 'admin', { method: 'POST', body: JSON.stringify({ callId }), headers: claim });
  await house.ask('/api/v1/users', 'reader', { headers: claim });
  const claimed = (await rows()).filter(({ detail }) => JSON.stringify(detail).includes(JSON.stringify(onBehalfOf)));
  expect(claimed.map(({ action }) => action)).toEqual([
    'request-refused',
    'export-made',
    'call-exported',
    'export-requested',
    'call-opened',
  ]);
  const before = (await rows()).length;
  const garbled = await house.ask('/api/v1/calls', 'admin', { headers: { 'Sidetone-On-Behalf-Of': '%0A%1B' } });
  expect([garbled.status, (await rows()).length]).toEqual([400, before]);
});
