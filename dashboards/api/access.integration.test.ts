import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '#db/types.ts';
import { exampleRow, refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';
import { allRoutes } from './routes.ts';
import type { ApiContext } from './context.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const liveId = '01938f3e-6b7c-7c2a-9d31-000000000090';
const noId = '01938f3e-6b7c-7c2a-9d31-00000000dead';
const noHash = '0'.repeat(64);
const password = 'a very long password';
let house: HttpHouse;
beforeAll(async () => {
  // From elsewhere, as a proxy tells it: on loopback some things are open that are not so from afar.
  house = await openHttpHouse({ http: { tlsProxy: true } });
  await house.store(refundCall(callId, Date.parse('2026-11-20T10:00:00Z')));
  house.live.tell({ type: 'call', call: exampleRow(liveId, Date.now(), { state: 'active' }) });
  house.control.running.add(liveId);
});
afterAll(() => house.close());

/** What each may: the status of nobody, a sender, a reader, an admin. 404 and 409 are of those who were let in. */
type Row = readonly [id: string, ask: string, body: unknown, statuses: readonly [number, number, number, number]];
const open = (status: number) => [status, status, status, status] as const;
const readers = (status = 200) => [401, 403, status, status] as const;
const senders = (status: number) => [401, status, 403, status] as const;
const admins = (status = 200) => [401, 403, 403, status] as const;
const table: readonly Row[] = [
  ['healthz', 'GET /healthz', undefined, open(200)],
  ['readyz', 'GET /readyz', undefined, open(200)],
  ['metrics', 'GET /metrics', undefined, readers()],
  ['getOpenApi', 'GET /api/v1/openapi.json', undefined, open(200)],
  ['getSession', 'GET /api/v1/session', undefined, open(200)],
  ['signIn', 'POST /api/v1/session', { name: 'nobody', password }, open(401)],
  ['signOut', 'DELETE /api/v1/session', undefined, [401, 204, 204, 204]],

  ['listCalls', 'GET /api/v1/calls', undefined, readers()],
  ['getCall', `GET /api/v1/calls/${callId}`, undefined, readers()],
  ['getCallMetrics', `GET /api/v1/calls/${callId}/metrics`, undefined, readers()],
  ['getCallFindings', `GET /api/v1/calls/${callId}/findings`, undefined, readers()],
  ['getCallRedactions', `GET /api/v1/calls/${callId}/redactions`, undefined, readers()],
  ['getTranscript', `GET /api/v1/calls/${callId}/transcript`, undefined, readers()],
  ['listRevisions', `GET /api/v1/calls/${callId}/utterances/u/revisions`, undefined, readers()],
  ['listPhrases', 'GET /api/v1/phrases', undefined, readers()],
  ['listPhraseSuggestions', 'GET /api/v1/phrases/suggestions', undefined, readers()],
  ['getRecording', `GET /api/v1/calls/${callId}/recording`, undefined, readers()],
  ['getPeaks', `GET /api/v1/calls/${callId}/peaks`, undefined, readers()],
  ['reportPlayed', `POST /api/v1/calls/${callId}/played`, { fromS: 0, toS: 1 }, readers(204)],
  ['watchCall', `GET /api/v1/calls/${liveId}/events`, undefined, readers()],
  ['watchAllCalls', 'GET /api/v1/events', undefined, readers()],
  ['search', 'GET /api/v1/search?q=refund', undefined, readers()],
  ['getAssurance', 'GET /api/v1/assurance', undefined, readers()],

  ['openStream', 'GET /api/v1/streams', undefined, open(400)],
  ['openStreamByPath', 'GET /api/v1/streams/some-key', undefined, open(400)],
  ['registerStreamPair', 'POST /api/v1/streams/pairs', { callerUuid: noId, calleeUuid: callId }, senders(409)],
  ['ingestFiles', 'POST /api/v1/ingest', 'a file', senders(202)],
  ['getIngest', `GET /api/v1/ingest/${noHash}`, undefined, senders(404)],
  ['forkRtpengine', 'POST /api/v1/forks/rtpengine', { sipCallId: 'a@proxy' }, senders(503)],
  ['releaseFork', `DELETE /api/v1/forks/${noId}`, undefined, senders(404)],
  ['pauseCall', `POST /api/v1/calls/${liveId}/pause`, undefined, senders(200)],
  ['resumeCall', `POST /api/v1/calls/${liveId}/resume`, undefined, senders(200)],

  ['correctCall', `PATCH /api/v1/calls/${noId}`, { swapSides: true }, admins(404)],
  ['correctText', `PATCH /api/v1/calls/${noId}/utterances/u`, { text: 'other words' }, admins(404)],
  ['addPhrase', 'POST /api/v1/phrases', { phrase: 'Okonkwo' }, admins(201)],
  ['removePhrase', 'DELETE /api/v1/phrases?phrase=Okonkwo', undefined, admins(204)],
  ['makeExport', 'POST /api/v1/exports', { callId: noId }, admins(404)],
  ['listExports', 'GET /api/v1/exports', undefined, admins()],
  ['getExport', `GET /api/v1/exports/${noId}`, undefined, admins(404)],
  ['getExportFile', `GET /api/v1/exports/${noId}/files/calls.csv`, undefined, admins(404)],
  ['listSources', 'GET /api/v1/sources', undefined, admins()],
  ['listModels', 'GET /api/v1/models', undefined, admins()],
  ['useModel', 'PUT /api/v1/models/current', { model: 'another' }, admins()],
  ['listSpeakers', 'GET /api/v1/speakers', undefined, admins()],
  ['enrolSpeaker', 'POST /api/v1/speakers', 'a file', admins(400)],
  ['verifySpeaker', `POST /api/v1/speakers/${noId}/verify`, 'a file', admins(404)],
  ['deleteSpeaker', `DELETE /api/v1/speakers/${noId}`, undefined, admins(404)],
  ['listAudit', 'GET /api/v1/audit', undefined, admins()],
  ['verifyAudit', 'POST /api/v1/audit/verify', undefined, admins()],
  ['listUsers', 'GET /api/v1/users', undefined, admins()],
  ['addUser', 'POST /api/v1/users', { name: 'Priya', role: 'reader', password }, admins(201)],
  ['changeUser', `PATCH /api/v1/users/${noId}`, { role: 'admin' }, admins(404)],
  ['listKeys', 'GET /api/v1/keys', undefined, admins()],
  ['addKey', 'POST /api/v1/keys', { name: 'pbx', role: 'sender' }, admins(201)],
  ['revokeKey', `DELETE /api/v1/keys/${noId}`, undefined, admins(404)],
  ['deleteCall', `DELETE /api/v1/calls/${callId}`, undefined, admins(204)],
];

async function statusOf(ask: string, body: unknown, as: Role | undefined): Promise<number> {
  const [method = '', path = ''] = ask.split(' ');
  const abort = new AbortController();
  const answer = await house.ask(path, as, {
    method,
    signal: abort.signal,
    headers: { 'X-Forwarded-For': '198.51.100.7' },
    ...(body === undefined ? {} : { body: body === 'a file' ? fileOf(`by ${as}`) : JSON.stringify(body) }),
  });
  // Of those who watch, the answer does not end.
  abort.abort();
  return answer.status;
}

function fileOf(content: string): FormData {
  const form = new FormData();
  form.append('file', new Blob([content]), 'a.wav');
  return form;
}

test('the table has every route', () => {
  const routes = allRoutes({ database: {} } as ApiContext);
  expect(table.map(([id]) => id).toSorted()).toEqual(routes.map(({ id }) => id).toSorted());
  for (const { id, method, path } of routes) {
    const [, ask = ''] = table.find((row) => row[0] === id) ?? [];
    const pattern = new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}(?:\\?|$)`, 'i');
    expect(ask, id).toMatch(pattern);
  }
});

test.each(table)('%s: %s', async (_id, ask, body, statuses) => {
  const found: number[] = [];
  for (const as of [undefined, 'sender', 'reader', 'admin'] as const) found.push(await statusOf(ask, body, as));
  expect(found).toEqual(statuses);
});

test('a refusal says which role it takes, and stands in the log with the key that asked', async () => {
  const answer = await house.ask('/api/v1/calls', 'sender');
  expect(await answer.json()).toMatchObject({
    code: 'forbidden',
    detail: 'this is for the role reader or admin: yours is sender',
  });
  const { items } = await house.database.audit.list({ action: 'request-refused', limit: 1 });
  expect(items[0]?.entry).toMatchObject({ actor: { name: 'sender key' }, target: { id: 'listCalls' } });
});

test('people are readers or admins: no user is a sender', async () => {
  const body = JSON.stringify({ name: 'Sam', role: 'sender', password });
  expect((await house.ask('/api/v1/users', 'admin', { method: 'POST', body })).status).toBe(400);
  expect((await house.database.users.list()).map(({ name }) => name)).toEqual(['Priya']);
});

test('a sender sees how far its own files are, and of what others handed in nothing but that it is there', async () => {
  const form = fileOf('the same content');
  form.append('source', 'Old recorder');
  const first = await house.ask('/api/v1/ingest', 'admin', { method: 'POST', body: form });
  const { items: taken } = (await first.json()) as { items: { sha256: string; callIds: string[] }[] };
  const { sha256 = '', callIds } = taken[0] ?? {};
  expect((await house.ask(`/api/v1/ingest/${sha256}`, 'sender')).status).toBe(404);
  const again = new FormData();
  again.append('file', new Blob(['the same content']), 'mine.wav');
  const second = await house.ask('/api/v1/ingest', 'sender', { method: 'POST', body: again });
  expect(second.status).toBe(200);
  expect(await second.json()).toMatchObject({
    items: [{ callIds, names: ['mine.wav'], sourceName: 'sender key', isNew: false }],
  });
  const own = await house.ask('/api/v1/ingest', 'sender', { method: 'POST', body: fileOf('its own') });
  const { items: mine } = (await own.json()) as { items: typeof taken };
  for (const as of ['sender', 'admin'] as const) {
    expect((await house.ask(`/api/v1/ingest/${mine[0]?.sha256}`, as)).status).toBe(200);
  }
});
