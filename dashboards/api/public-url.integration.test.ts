import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

/** Behind a proxy that does TLS: requests come from loopback, with the visitor's address and the visitor's origin. */
const visitor = { 'X-Forwarded-For': '203.0.113.9', Origin: 'https://calls.example' };
const publicHouse = { http: { tlsProxy: true, publicUrl: 'https://calls.example' } };

const redeem = (house: HttpHouse, link: string, headers: Record<string, string>): Promise<Response> =>
  house.ask('/api/v1/session', undefined, { method: 'POST', body: JSON.stringify({ link }), headers });
const tokenOf = (link: string): string => new URL(link).hash.replace('#link=', '');

test('without a public URL a link is for the machine itself: a visitor by the proxy is refused, and told why', async () => {
  const house = await openHttpHouse({ http: { tlsProxy: true } });
  const link = await house.http.oneTimeLink();
  expect(new URL(link).hostname).toBe('127.0.0.1');
  const answer = await redeem(house, tokenOf(link), { 'X-Forwarded-For': '203.0.113.9' });
  expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
    401,
    expect.stringContaining('http.publicUrl'),
  ]);
  await house.close();
});

let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse(publicHouse);
});
afterAll(() => house.close());

test('the printed link is at the public URL, and signs in once, by a Secure cookie, whoever opens it', async () => {
  const link = await house.http.oneTimeLink();
  expect(link).toMatch(/^https:\/\/calls\.example\/login#link=/);
  const answer = await redeem(house, tokenOf(link), visitor);
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, expect.stringContaining('Secure')]);
  const { items } = await house.database.audit.list({ action: 'signed-in', limit: 1 });
  expect(items[0]?.entry?.sourceIp).toBe('203.0.113.9');
  expect((await redeem(house, tokenOf(link), visitor)).status).toBe(401);
});

test('a change is taken from the public origin, and from no other', async () => {
  const answer = await redeem(house, tokenOf(await house.http.oneTimeLink()), {
    ...visitor,
    Origin: 'https://elsewhere.example',
  });
  expect(answer.status).toBe(403);
});
