import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntry, Role } from '#db/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import { exampleRow, refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const liveId = '01938f3e-6b7c-7c2a-9d31-000000000090';
const copiedId = '01938f3e-6b7c-7c2a-9d31-000000000091';
const noCall = callId.replace(/1$/, '2');
let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse();
  await house.store(refundCall(callId, Date.parse('2026-11-20T10:00:00Z')));
  house.live.tell({ type: 'call', call: exampleRow(liveId, Date.now(), { state: 'active' }) });
  const copied = { state: 'active', source: 'rtpengine', sipCallIds: ['abc@proxy'] } as const;
  house.live.tell({ type: 'call', call: exampleRow(copiedId, Date.now(), copied) });
  house.control.running.add(liveId);
});
afterAll(() => house.close());

async function lastRows(count: number): Promise<readonly (AuditEntry | null)[]> {
  return (await house.database.audit.list({ limit: count })).items.map(({ entry }) => entry);
}
async function send(method: string, path: string, asked?: unknown, as: Role = 'admin') {
  const sent = asked === undefined ? {} : { body: JSON.stringify(asked) };
  const answer = await house.ask(`/api/v1${path}`, as, { method, ...sent });
  const body: unknown = answer.status === 204 ? undefined : await answer.json();
  return { status: answer.status, body };
}

test('the PBX pauses and resumes calls by its key, by name and on record; asked again it is the same', async () => {
  const asked = ['pause', 'pause', 'resume'] as const;
  for (const word of asked) {
    expect(await send('POST', `/calls/${liveId}/${word}`, undefined, 'sender')).toEqual({
      status: 200,
      body: { callId: liveId, paused: word === 'pause' },
    });
  }
  expect(house.control.pauses).toEqual([
    [liveId, true, 'sender key'],
    [liveId, true, 'sender key'],
    [liveId, false, 'sender key'],
  ]);
  const rows = await lastRows(3);
  expect(rows.map((row) => row?.action)).toEqual(['call-resumed', 'call-paused', 'call-paused']);
  expect(rows[0]).toMatchObject({ actor: { name: 'sender key' }, target: { kind: 'call', id: liveId } });
});

test('who only reads cannot stop a recording', async () => {
  const before = house.control.pauses.length;
  for (const word of ['pause', 'resume']) {
    expect((await send('POST', `/calls/${liveId}/${word}`, undefined, 'reader')).status).toBe(403);
  }
  expect(house.control.pauses).toHaveLength(before);
});

test('of a key that many share the call says for whom it asks, as the audit log does', async () => {
  const headers = { 'Sidetone-On-Behalf-Of': 'maria' };
  await house.ask(`/api/v1/calls/${liveId}/pause`, 'admin', { method: 'POST', headers });
  expect(house.control.pauses.at(-1)).toEqual([liveId, true, 'admin key, for maria (unverified)']);
});

test('a call that is over is not paused, nor one that there is not', async () => {
  expect(await send('POST', `/calls/${callId}/pause`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect((await lastRows(2)).map((row) => row?.action)).toEqual(['call-paused-failed', 'call-paused']);
  expect((await send('POST', `/calls/${noCall}/resume`)).status).toBe(404);
});

test('a pause that cannot be put on record does not happen', async () => {
  const before = house.control.pauses.length;
  house.auditRefuses = true;
  try {
    expect((await send('POST', `/calls/${liveId}/pause`)).status).toBe(503);
  } finally {
    house.auditRefuses = false;
  }
  expect(house.control.pauses).toHaveLength(before);
});

test('sides and roles are put right; the channels of the recording say who is where; before and after are on record', async () => {
  const before = await send('GET', `/calls/${callId}`);
  expect(before.body).toMatchObject({ recording: { channels: { left: ['caller'], right: ['callee'] } } });
  const peaksBefore = (await send('GET', `/calls/${callId}/peaks`)).body as { caller: number[]; callee: number[] };
  const { exportId } = (await send('POST', '/exports', { callId })).body as { exportId: string };
  const roles = { [`${callId}-caller`]: 'agent' };
  const put = await send('PATCH', `/calls/${callId}`, { swapSides: true, roles });
  expect(put.status).toBe(200);
  expect(put.body).toMatchObject({
    callId,
    sidesSwapped: true,
    parties: [
      { partyId: `${callId}-caller`, side: 'callee', role: 'agent' },
      { partyId: `${callId}-callee`, side: 'caller' },
    ],
    recording: { channels: { left: ['callee'], right: ['caller'] } },
  });
  expect((await send('GET', `/calls/${callId}/peaks`)).body).toMatchObject({
    caller: peaksBefore.callee,
    callee: peaksBefore.caller,
    lanes: { caller: { channel: 'right', sides: ['caller'] }, callee: { channel: 'left', sides: ['callee'] } },
  });
  const isoTime = expect.stringMatching(/^2\d{3}-.*Z$/) as unknown;
  expect((await send('GET', `/exports/${exportId}`)).body).toMatchObject({ correctedAt: isoTime, available: true });
  const anew = (await send('POST', '/exports', { callId })).body;
  expect(anew).toMatchObject({ correctedAt: null });
  expect((await send('GET', '/exports')).body).toMatchObject({
    items: [{ correctedAt: null }, { exportId, correctedAt: isoTime }],
  });
  expect((await send('GET', `/calls/${callId}/metrics`)).body).toMatchObject({
    talkMs: { caller: 17_300, callee: 17_800 },
  });
  expect((await send('GET', `/calls/${callId}/transcript`)).body).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ startMs: 900, side: 'caller' })]) as unknown,
  });
  const [row] = (await house.database.audit.list({ action: 'call-corrected', limit: 1 })).items;
  expect(row?.entry?.detail).toEqual({
    swapSides: true,
    before: [
      { partyId: `${callId}-caller`, side: 'caller', role: 'unknown' },
      { partyId: `${callId}-callee`, side: 'callee', role: 'unknown' },
    ],
    after: [
      { partyId: `${callId}-caller`, side: 'callee', role: 'agent' },
      { partyId: `${callId}-callee`, side: 'caller', role: 'unknown' },
    ],
  });
});

test.each([
  [400, 'nothing to put right', callId, {}],
  [400, 'a role that there is not', callId, { roles: { x: 'boss' } }],
  [400, 'a party that there is not', callId, { roles: { x: 'agent' } }],
  [400, 'more than that', callId, { swapSides: true, text: 'other words' }],
  [409, 'a call that runs', liveId, { swapSides: true }],
  [404, 'a call that there is not', noCall, { swapSides: true }],
] as const)('%i for %s', async (status, _what, id, body) => {
  expect((await send('PATCH', `/calls/${id}`, body)).status).toBe(status);
});

test('a reader puts nothing right', async () => {
  expect((await send('PATCH', `/calls/${callId}`, { swapSides: true }, 'reader')).status).toBe(403);
});

test('a copy of a call that rtpengine anchors is asked for and let go', async () => {
  house.control.rtpengine = { callId: copiedId };
  const asked = { sipCallId: 'abc@proxy', fromTag: 'f', toTag: 't' };
  expect(await send('POST', '/forks/rtpengine', asked)).toEqual({ status: 202, body: { callId: copiedId } });
  expect(house.control.asked).toEqual([asked]);
  expect((await send('DELETE', `/forks/${copiedId}`)).status).toBe(204);
  expect(house.control.released).toEqual(['abc@proxy']);
  expect((await send('DELETE', `/forks/${liveId}`)).status).toBe(409);
  expect((await send('DELETE', `/forks/${noCall}`)).status).toBe(404);
});

test.each([
  [409, 'conflict'],
  [415, 'unsupported-audio'],
  [502, 'rtpengine-refused'],
  [503, 'rtpengine-unavailable'],
  [404, 'not-found'],
  [503, 'at-capacity'],
] as const)('%i when signalling says %s, with its words', async (status, code) => {
  house.control.rtpengine = new SidetoneError(code, 'what rtpengine said');
  const answer = await send('POST', '/forks/rtpengine', { sipCallId: 'abc@proxy' });
  expect(answer).toMatchObject({ status, body: { code, detail: 'what rtpengine said' } });
});

test('two sockets that are to come are told of, where AudioSocket is on', async () => {
  const uuids = {
    callerUuid: '5B0C9A1E-0000-4000-8000-000000000010',
    calleeUuid: '5b0c9a1e-0000-4000-8000-000000000077',
  };
  expect(await send('POST', '/streams/pairs', uuids)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  const on = await openHttpHouse({ config: { audiosocket: { port: 9092 } } });
  try {
    const ask = (body: unknown): Promise<Response> =>
      on.ask('/api/v1/streams/pairs', 'admin', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    const answer = await ask({
      ...uuids,
      callee: { displayName: 'Anna' },
      sipCallIds: ['1764060000.1'],
      source: 'pbx',
    });
    expect(answer.status).toBe(202);
    const caller = uuids.callerUuid.toLowerCase();
    expect(on.streams.pairs).toEqual([
      {
        callId: ((await answer.json()) as { callId: string }).callId,
        caller,
        callee: uuids.calleeUuid,
        sourceName: 'pbx',
        people: { caller: null, callee: { uri: null, displayName: 'Anna' } },
        sipCallIds: ['1764060000.1'],
      },
    ]);
    expect((await ask({ ...uuids, calleeUuid: caller })).status).toBe(400);
    expect((await ask({ ...uuids, callerUuid: 'no-uuid' })).status).toBe(400);
  } finally {
    await on.close();
  }
});

test('without an rtpengine in the configuration the answer says so', async () => {
  house.control.rtpengine = undefined;
  expect(await send('POST', '/forks/rtpengine', { sipCallId: 'abc@proxy' })).toMatchObject({
    status: 503,
    body: { code: 'rtpengine-unavailable', detail: expect.stringContaining('rtpengine.address') as unknown },
  });
});
