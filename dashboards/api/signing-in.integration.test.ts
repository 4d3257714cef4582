import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const password = 'correct horse battery';
let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse();
  await house.database.users.add({ name: 'Priya', role: 'reader', password });
});
afterAll(() => house.close());

const signIn = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  house.ask('/api/v1/session', undefined, { method: 'POST', body: JSON.stringify(body), headers });
const cookieOf = (answer: Response): string => answer.headers.get('set-cookie')?.split(';')[0] ?? '';
const lastRow = async () => (await house.database.audit.list({ limit: 1 })).items[0]?.entry;

test('name and password give a session that no script can read and no other site can send', async () => {
  const answer = await signIn({ name: 'priya', password });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ signedIn: true, role: 'reader', actor: { kind: 'user', name: 'Priya' } });
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  // On plain loopback HTTP a Secure cookie would be dropped.
  expect(cookie).not.toContain('Secure');
  expect(await lastRow()).toMatchObject({ action: 'signed-in', actor: { name: 'Priya' }, detail: { by: 'password' } });
  const calls = await house.ask('/api/v1/calls', undefined, { headers: { Cookie: cookieOf(answer) } });
  expect(calls.status).toBe(200);
});

test('signing out ends the session, and is on record', async () => {
  const headers = { Cookie: cookieOf(await signIn({ name: 'Priya', password })) };
  const out = await house.ask('/api/v1/session', undefined, { method: 'DELETE', headers });
  expect(out.status).toBe(204);
  expect(await lastRow()).toMatchObject({ action: 'signed-out', actor: { name: 'Priya' } });
  expect((await house.ask('/api/v1/calls', undefined, { headers })).status).toBe(401);
});

test('a change with a cookie is taken from our own pages only', async () => {
  const Cookie = cookieOf(await signIn({ name: 'Priya', password }));
  const out = (origin: Record<string, string>): Promise<Response> =>
    house.ask('/api/v1/session', undefined, { method: 'DELETE', headers: { Cookie, ...origin } });
  expect((await out({ Origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await out({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await out({ Origin: house.http.url })).status).toBe(204);
});

test('signing in is not to be forced from another site', async () => {
  const answer = await signIn({ name: 'Priya', password }, { Origin: 'https://elsewhere.example' });
  expect(answer.status).toBe(403);
});

test('the one-time link works once', async () => {
  const url = new URL(await house.http.oneTimeLink());
  expect(url.pathname).toBe('/login');
  const link = url.hash.replace('#link=', '');
  const first = await signIn({ link });
  expect(await first.json()).toMatchObject({ role: 'admin', actor: { kind: 'first-start-key' } });
  const second = await signIn({ link });
  expect(second.status).toBe(401);
  expect(await lastRow()).toMatchObject({ action: 'sign-in-failed', outcome: 'refused', detail: { by: 'link' } });
});

test('failed sign-ins are on record, with no name that is not ours, and are slowed down', async () => {
  expect((await signIn({ name: 'Priya', password: 'wrong wrong wrong' })).status).toBe(401);
  expect(await lastRow()).toMatchObject({ action: 'sign-in-failed', outcome: 'refused', detail: { user: 'Priya' } });
  expect((await signIn({ name: 'hunter2-typed-in-the-wrong-field', password })).status).toBe(401);
  expect(await lastRow()).toMatchObject({ detail: { user: 'unknown' } });
  const statuses: number[] = [];
  for (let i = 0; i < 10; i++) statuses.push((await signIn({ name: `nobody${i}`, password })).status);
  expect(statuses.at(-1)).toBe(429);
  const late = await signIn({ name: 'Priya', password });
  expect(late.status).toBe(429);
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await late.json()).toMatchObject({ code: 'rate-limited' });
});

test('a reader may not do what an admin may', async () => {
  const admin = [
    ['GET', '/users'],
    ['GET', '/keys'],
    ['GET', '/audit'],
    ['POST', '/audit/verify'],
    ['GET', '/exports'],
  ] as const;
  for (const [method, path] of admin) {
    const answer = await house.ask(`/api/v1${path}`, 'reader', { method });
    expect([path, answer.status]).toEqual([path, 403]);
  }
});

test('users and keys: made, changed, revoked; each on record without its secret', async () => {
  const made = await house.ask('/api/v1/keys', 'admin', {
    method: 'POST',
    body: JSON.stringify({ name: 'nightly', role: 'reader' }),
  });
  expect(made.status).toBe(201);
  const { key, secret } = (await made.json()) as { key: { keyId: string }; secret: string };
  const headers = { Authorization: `Bearer ${secret}` };
  expect((await fetch(`${house.http.url}/api/v1/calls`, { headers })).status).toBe(200);
  await house.ask(`/api/v1/keys/${key.keyId}`, 'admin', { method: 'DELETE' });
  expect((await fetch(`${house.http.url}/api/v1/calls`, { headers })).status).toBe(401);
  const short = await house.ask('/api/v1/users', 'admin', {
    method: 'POST',
    body: JSON.stringify({ name: 'Sam', role: 'admin', password: 'short' }),
  });
  expect(short.status).toBe(400);
  const { items } = await house.database.audit.list({ limit: 200 });
  const actions = items.map((row) => row.entry?.action);
  expect(actions).toEqual(expect.arrayContaining(['key-added', 'key-revoked']));
  expect(JSON.stringify(items)).not.toContain(secret);
  expect(JSON.stringify(items)).not.toContain(password);
});
