import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleRow, exampleUtterance, refundCall, wordsOf } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const liveId = '01938f3e-6b7c-7c2a-9d31-000000000090';
const otherId = '01938f3e-6b7c-7c2a-9d31-000000000091';
const storedId = '01938f3e-6b7c-7c2a-9d31-000000000001';
let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse();
  await house.store(refundCall(storedId, Date.parse('2026-11-20T10:00:00Z')));
});
afterAll(() => house.close());

interface Heard {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: { readonly callId?: string; readonly utterance?: { readonly text: string } };
}

/** Reads events until `enough`, then hangs up. */
async function hear(
  path: string,
  enough: (heard: readonly Heard[]) => boolean,
  lastEventId?: string,
): Promise<Heard[]> {
  const abort = new AbortController();
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
  const answer = await house.ask(`/api/v1${path}`, 'reader', { signal: abort.signal, headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const heard: Heard[] = [];
  let text = '';
  if (answer.body === null) throw new Error('no body');
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const event = field('event');
      if (event !== undefined)
        heard.push({ event, id: field('id'), data: JSON.parse(field('data') ?? '{}') as Heard['data'] });
    }
    if (enough(heard)) break;
  }
  abort.abort();
  return heard;
}

const row = (callId: string) =>
  exampleRow(callId, Date.now() - 5000, { state: 'active', endedAt: null, durationMs: null, termination: null });
const say = (callId: string, index: number, text: string, revision = 1): void =>
  house.live.tell({
    type: 'utterance',
    callId,
    segmentId: `s${index}`,
    utterance: { ...exampleUtterance(callId, index, ['caller', index * 1000, index * 1000 + 900, text, 0]), revision },
  });
const textsOf = (heard: readonly Heard[]): (string | undefined)[] =>
  heard.filter((each) => each.event === 'utterance').map((each) => each.data.utterance?.text);

test('a late watcher gets the state so far, then what happens, then the end', async () => {
  house.live.tell({ type: 'call', call: row(liveId) });
  say(liveId, 1, 'before');
  const watching = hear(`/calls/${liveId}/events`, () => false);
  await expect.poll(async () => (await rowsOf('call-watched')).length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  house.live.tell({
    type: 'partial',
    callId: liveId,
    side: 'caller',
    segmentId: 's2',
    words: wordsOf('so to', 2000, 2600),
  });
  say(liveId, 2, 'during');
  house.live.tell({ type: 'call', call: row(otherId) });
  say(otherId, 1, 'of another call');
  house.live.tell({ type: 'end', callId: otherId });
  house.live.tell({ type: 'end', callId: liveId });
  const heard = await watching;
  expect(heard.map((each) => each.event)).toEqual(['snapshot', 'call', 'utterance', 'partial', 'utterance', 'end']);
  expect(textsOf(heard)).toEqual(['before', 'during']);
});

test('that somebody watched is on record, from when to when', async () => {
  await expect.poll(async () => (await rowsOf('call-watched-ended')).length).toBe(1);
  const [ended] = await rowsOf('call-watched-ended');
  expect(ended).toMatchObject({
    actor: { name: 'reader key' },
    target: { kind: 'call', id: liveId },
    sourceIp: '127.0.0.1',
  });
  expect(ended?.detail).toHaveProperty(
    'watchedMs',
    expect.toSatisfy((ms: number) => ms >= 50),
  );
});

test('who comes back with Last-Event-ID hears what was missed and nothing twice', async () => {
  house.live.tell({ type: 'call', call: row(liveId) });
  const watching = hear(`/calls/${liveId}/events`, (heard) => textsOf(heard).includes('first'));
  await expect.poll(async () => (await rowsOf('call-watched')).length).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  say(liveId, 1, 'first');
  const lastId = (await watching).at(-1)?.id;
  say(liveId, 2, 'second');
  say(liveId, 3, 'third');
  const again = await hear(`/calls/${liveId}/events`, (heard) => textsOf(heard).includes('third'), lastId);
  expect(again[0]?.event).toBe('replay');
  expect(textsOf(again)).toEqual(['second', 'third']);
});

test('what late redaction took out is not replayed', async () => {
  const before = await hear(`/calls/${liveId}/events`, (heard) => textsOf(heard).includes('third'));
  const lastId = before.at(-1)?.id;
  say(liveId, 4, 'four one one one');
  say(liveId, 4, '[CARD]', 2);
  const again = await hear(`/calls/${liveId}/events`, (heard) => textsOf(heard).includes('[CARD]'), lastId);
  expect(textsOf(again)).toEqual(['[CARD]']);
});

test('a call that runs is not written as a whole one', async () => {
  const answer = await house.ask(`/api/v1/calls/${liveId}/transcript?format=contact-lens`, 'reader');
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'conflict']);
  expect((await house.ask(`/api/v1/calls/${liveId}/transcript?format=vtt`, 'reader')).status).toBe(200);
});

test('an id of another run is answered with a snapshot', async () => {
  const heard = await hear(`/calls/${liveId}/events`, (all) => all.length > 1, 'deadbeef.3');
  expect(heard[0]?.event).toBe('snapshot');
});

test('all calls: each row, the last words of each side and what is wrong now', async () => {
  const { findings } = refundCall(liveId, 0);
  const [finding] = findings;
  if (finding === undefined) throw new Error('the example has one');
  house.live.tell({ type: 'finding', callId: liveId, finding });
  const alarm = { ...finding, findingId: 'alarm', kind: 'system', ruleId: 'stream-silent' } as const;
  for (const severity of ['high', 'medium'] as const) {
    house.live.tell({ type: 'finding', callId: liveId, finding: { ...alarm, severity } });
  }
  const heard = await hear('/events', (all) => all.at(-1)?.event === 'finding');
  expect(heard.map((each) => each.event)).toEqual(['snapshot', 'call', 'utterance', 'finding']);
  expect(textsOf(heard)).toEqual(['[CARD]']);
  expect(heard.at(-1)?.data).toMatchObject({ finding: { findingId: 'alarm', severity: 'medium' } });
});

test('a call that is over answers with its row and the end; one that never was, with 404', async () => {
  const heard = await hear(`/calls/${storedId}/events`, () => false);
  expect(heard.map((each) => each.event)).toEqual(['snapshot', 'call', 'end']);
  const missing = await house.ask(`/api/v1/calls/${storedId.replace(/1$/, '2')}/events`, 'reader');
  expect(missing.status).toBe(404);
});

test('watching that cannot be put on record is refused', async () => {
  house.auditRefuses = true;
  const answer = await house.ask(`/api/v1/calls/${liveId}/events`, 'reader');
  house.auditRefuses = false;
  expect(answer.status).toBe(503);
});

test('who leaves while the start of watching is being written is still on record as gone', async () => {
  const before = (await rowsOf('live-watched-ended')).length;
  let letGo = (): void => undefined;
  house.auditHeld = new Promise((resolve) => (letGo = resolve));
  const abort = new AbortController();
  const asked = house.ask('/api/v1/events', 'reader', { signal: abort.signal });
  const outcome = asked.then(
    () => 'answered',
    () => 'aborted',
  );
  await new Promise((resolve) => setTimeout(resolve, 150));
  abort.abort();
  expect(await outcome).toBe('aborted');
  // Long enough for the server to hear of it before the row is written.
  await new Promise((resolve) => setTimeout(resolve, 150));
  letGo();
  house.auditHeld = undefined;
  await expect.poll(async () => (await rowsOf('live-watched-ended')).length).toBe(before + 1);
});

test('the end of watching is on record once rows can be written again', async () => {
  const before = (await rowsOf('live-watched-ended')).length;
  await hear('/events', (heard) => {
    house.auditRefuses = heard.length > 0;
    return house.auditRefuses;
  });
  const leftEpochMs = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await rowsOf('live-watched-ended')).toHaveLength(before);
  house.auditRefuses = false;
  await expect.poll(async () => (await rowsOf('live-watched-ended')).length, { timeout: 5000 }).toBe(before + 1);
  const [ended] = await rowsOf('live-watched-ended');
  expect(Math.abs((ended?.atEpochMs ?? 0) - leftEpochMs)).toBeLessThan(400);
});

describe('a stream ends when what it was opened with is good no longer', () => {
  const watchWith = async (headers: Record<string, string>): Promise<Response> => {
    const answer = await fetch(`${house.http.url}/api/v1/events`, { headers });
    expect(answer.status).toBe(200);
    return answer;
  };
  const change = async (method: string, path: string, body?: object): Promise<void> => {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    expect((await house.ask(`/api/v1${path}`, 'admin', init)).ok).toBe(true);
  };
  const signIn = async (name: string): Promise<{ userId: string; cookie: string }> => {
    const { userId } = await house.database.users.add({ name, role: 'reader', password: 'correct horse battery' });
    const actor = { kind: 'user', id: userId, name } as const;
    const { token } = await house.database.sessions.create(actor, 3600);
    return { userId, cookie: `sidetone_session=${token}` };
  };
  /** What the stream said last, and who is on record as having been let go. */
  const farewell = async (answer: Response): Promise<string> => {
    const before = (await rowsOf('live-watched-ended')).length;
    const told = (await answer.text()).includes('event: signed-out') ? 'told' : 'not told';
    await expect.poll(async () => (await rowsOf('live-watched-ended')).length).toBeGreaterThan(before);
    const [last] = await rowsOf('live-watched-ended');
    const { endedBy } = (last?.detail ?? {}) as { endedBy?: string };
    return `${told}, ${last?.actor.name}, ${endedBy}`;
  };

  test('a key that is revoked', async () => {
    const { key, secret } = await house.database.keys.add({ name: 'wall board', role: 'reader' });
    const answer = await watchWith({ Authorization: `Bearer ${secret}` });
    const left = farewell(answer);
    await change('DELETE', `/keys/${key.keyId}`);
    expect(await left).toBe('told, wall board, signed-out');
  });

  test('a user who is disabled', async () => {
    const { userId, cookie } = await signIn('Ravi');
    const answer = await watchWith({ Cookie: cookie });
    const left = farewell(answer);
    await change('PATCH', `/users/${userId}`, { disabled: true });
    expect(await left).toBe('told, Ravi, signed-out');
  });

  test('a session that is signed out; those of others go on', async () => {
    const ines = await signIn('Ines');
    const abort = new AbortController();
    const headers = { Cookie: (await signIn('Olu')).cookie };
    const other = await fetch(`${house.http.url}/api/v1/events`, { headers, signal: abort.signal });
    const answer = await watchWith({ Cookie: ines.cookie });
    const left = farewell(answer);
    const out = await fetch(`${house.http.url}/api/v1/session`, {
      method: 'DELETE',
      headers: { Cookie: ines.cookie, 'Sec-Fetch-Site': 'same-origin', Origin: house.http.url },
    });
    expect(out.status).toBe(204);
    expect(await left).toBe('told, Ines, signed-out');
    const reader = (other.body as ReadableStream<Uint8Array>).getReader();
    house.live.tell({ type: 'call', call: row(otherId) });
    let text = '';
    while (!text.includes(otherId)) text += new TextDecoder().decode((await reader.read()).value);
    expect(text).not.toContain('signed-out');
    abort.abort();
    await expect.poll(async () => (await rowsOf('live-watched-ended'))[0]).toMatchObject({ actor: { name: 'Olu' } });
  });
});

test('closing the server lets watchers go and puts the end of their watching on record', async () => {
  const before = (await rowsOf('live-watched-ended')).length;
  const watching = hear('/events', () => false);
  await expect.poll(async () => (await rowsOf('live-watched')).length).toBe(before + 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await house.http.close();
  await watching;
  expect(await rowsOf('live-watched-ended')).toHaveLength(before + 1);
});

async function rowsOf(action: string) {
  const { items } = await house.database.audit.list({ action, limit: 200 });
  return items.flatMap((each) => (each.entry === null ? [] : [each.entry]));
}
