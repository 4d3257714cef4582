import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { exampleRow, refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const bareId = '01938f3e-6b7c-7c2a-9d31-000000000002';
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];
interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
  readonly components: { readonly schemas: Record<string, object> };
}
let house: HttpHouse;
let api: OpenApi;
beforeAll(async () => {
  house = await openHttpHouse();
  await house.store(refundCall(callId, Date.parse('2026-11-20T10:00:00Z')));
  const bare = exampleRow(bareId, Date.parse('2026-11-21T10:00:00Z'), {
    answeredAt: null,
    durationMs: null,
    answeredMs: null,
    termination: { result: 'rejected', reason: 'callee-busy', sipStatus: 486 },
  });
  house.database.store.write({ op: 'call', call: bare });
  await house.database.flush();
  api = (await (await house.ask('/api/v1/openapi.json')).json()) as OpenApi;
});
afterAll(() => house.close());

/** The schema of an answer, its references made to lead to definitions of its own. */
function schemaOf(method: string, path: string, status: number): z.ZodType {
  const operation = api.paths[path]?.[method];
  const content = operation?.responses[String(status)]?.content ?? {};
  const [type] = Object.keys(content).filter((name) => name.endsWith('json'));
  if (type === undefined) throw new Error(`${method} ${path} ${status} is not described`);
  const whole = { ...content[type]?.schema, $defs: api.components.schemas };
  const text = JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(JSON.parse(text) as JsonSchema);
}

test('the description is OpenAPI 3.1 and open to all', () => {
  expect(api.openapi).toBe('3.1.0');
  expect(Object.keys(api.paths)).toContain('/api/v1/calls/{callId}/transcript');
});

test.each([
  ['get', '/readyz', '/readyz'],
  ['get', '/api/v1/session', '/api/v1/session'],
  ['get', '/api/v1/calls', '/api/v1/calls'],
  ['get', '/api/v1/calls/{callId}', `/api/v1/calls/${callId}`],
  ['get', '/api/v1/calls/{callId}', `/api/v1/calls/${bareId}`],
  ['get', '/api/v1/calls/{callId}/transcript', `/api/v1/calls/${callId}/transcript`],
  ['get', '/api/v1/calls/{callId}/transcript', `/api/v1/calls/${callId}/transcript?format=contact-lens`],
  ['get', '/api/v1/calls/{callId}/transcript', `/api/v1/calls/${bareId}/transcript?format=transcribe`],
  ['get', '/api/v1/calls/{callId}/metrics', `/api/v1/calls/${callId}/metrics`],
  ['get', '/api/v1/calls/{callId}/findings', `/api/v1/calls/${callId}/findings`],
  ['get', '/api/v1/calls/{callId}/redactions', `/api/v1/calls/${callId}/redactions`],
  ['get', '/api/v1/calls/{callId}/peaks', `/api/v1/calls/${callId}/peaks`],
  ['get', '/api/v1/search', '/api/v1/search?q=refund'],
  ['get', '/api/v1/users', '/api/v1/users'],
  ['get', '/api/v1/keys', '/api/v1/keys'],
  ['post', '/api/v1/exports', '/api/v1/exports'],
  ['get', '/api/v1/exports', '/api/v1/exports'],
  ['post', '/api/v1/audit/verify', '/api/v1/audit/verify'],
  ['get', '/api/v1/audit', '/api/v1/audit'],
  ['get', '/api/v1/sources', '/api/v1/sources'],
])('%s %s answers as described', async (method, path, asked) => {
  const body = path === '/api/v1/exports' && method === 'post' ? { body: JSON.stringify({ callId }) } : {};
  const answer = await house.ask(asked, 'admin', { method: method.toUpperCase(), ...body });
  expect(answer.ok).toBe(true);
  const parsed = schemaOf(method, path, answer.status).safeParse(await answer.json());
  expect(parsed.error?.issues).toBeUndefined();
});

test('a call is the call itself, in lists, by itself and found by what was said', async () => {
  const own = { callId, state: 'ended', source: 'b2bua', durationMs: 44_600, sipCallIds: [`${callId}@192.0.2.10`] };
  const get = async (path: string): Promise<unknown> => (await house.ask(`/api/v1${path}`, 'reader')).json();
  const item = { ...own, findingsCount: 2, worstSeverity: 'high', utterancesCount: 10, hasRecording: true };
  expect(await get('/calls?party=Dana&minSeverity=low')).toMatchObject({ items: [item], next: null });
  const bySipId = (id: string): Promise<unknown> => get(`/calls?sipCallId=${encodeURIComponent(id)}`);
  expect(await bySipId(`${callId}@192.0.2.10`)).toMatchObject({ items: [item], next: null });
  expect(await bySipId(callId)).toMatchObject({ items: [] });
  const filters = '/calls?source=b2bua&sourceName=head-office&completeness=complete&party=Dana';
  expect(await get(filters)).toMatchObject({ items: [{}, item] });
  for (const other of ['source=siprec', 'sourceName=head', 'completeness=missing']) {
    expect(await get(`/calls?${other}`)).toMatchObject({ items: [] });
  }
  expect(await get(`/calls/${callId}`)).toMatchObject({ ...own, live: false, flags: [], findings: [{}, {}] });
  expect(await get(`/calls/${callId}/transcript`)).toMatchObject({
    items: Array.from({ length: 10 }, () => ({ callId })),
    next: null,
  });
  const { items } = (await get(`/search?q=terrible&call=${callId}`)) as { items: object[] };
  expect(items).toMatchObject([
    { callId, side: 'caller', startMs: 12_900, parties: [{}, {}], highlights: [{ startChar: 59 }] },
  ]);
});

test.each([
  [400, 'bad-request', '/api/v1/search', '/api/v1/search', 'reader'],
  [400, 'bad-request', '/api/v1/calls', '/api/v1/calls?limit=0', 'reader'],
  [401, 'unauthenticated', '/api/v1/calls', '/api/v1/calls', undefined],
  [403, 'forbidden', '/api/v1/users', '/api/v1/users', 'reader'],
  [404, 'not-found', '/api/v1/calls/{callId}', `/api/v1/calls/${callId.replace(/1$/, '9')}`, 'reader'],
] as const)('%i is a problem by RFC 9457 with code %s', async (status, code, path, asked, as) => {
  const answer = await house.ask(asked, as);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const body: unknown = await answer.json();
  expect(body).toMatchObject({ status, code });
  expect(schemaOf('get', path, status).safeParse(body).success).toBe(true);
});

test('what is not there, and a method that is not taken', async () => {
  expect((await house.ask('/api/v1/nothing', 'admin')).status).toBe(404);
  const answer = await house.ask('/api/v1/search', 'admin', { method: 'DELETE' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
});

test('a body that is too large or is no JSON is a problem, not a crash', async () => {
  const post = (body: string): Promise<Response> => house.ask('/api/v1/users', 'admin', { method: 'POST', body });
  expect((await post(JSON.stringify({ name: 'x'.repeat(70_000) }))).status).toBe(413);
  expect((await post('{"name": ')).status).toBe(400);
});

test('no page of another site may frame, script or load us', async () => {
  const answer = await house.ask('/healthz');
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe|https?:/);
  expect(answer.headers.get('x-powered-by')).toBeNull();
});

test('metrics: open on this machine, and without a label from any call', async () => {
  const text = await (await house.ask('/metrics')).text();
  expect(text).toContain('sidetone_http_request_seconds');
  expect(text).not.toContain(callId);
});

test('a database that is away: healthz stays, readyz names it, content is refused', async () => {
  await house.database.close();
  expect((await house.ask('/healthz')).status).toBe(200);
  const ready = await house.ask('/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ code: 'not-ready', failing: ['database'] });
  const calls = await house.ask('/api/v1/calls', 'reader');
  expect(calls.status).toBe(503);
  expect(await calls.json()).toMatchObject({ code: 'database-unavailable' });
});
