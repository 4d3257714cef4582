import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { configSchema, type Config } from '#lib/config/schema.ts';
import type { Clock } from '#lib/clock.ts';
import { createAdmission, type Admission } from './admission.ts';
import { answerChallenge, digestResponse, ha1Of, parseDigest } from './digest.ts';

test('the examples of RFC 7616 section 3.9.1', () => {
  const shared = {
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    method: 'GET',
    uri: '/dir/index.html',
    qop: 'auth' as const,
    nonceCount: '00000001',
    clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    body: '',
  };
  const ha1 = (algorithm: 'MD5' | 'SHA-256'): string =>
    ha1Of(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life');
  expect(digestResponse({ ...shared, algorithm: 'MD5', ha1: ha1('MD5') })).toBe('8ca523f5e9506fed4657c9700eebdbec');
  expect(digestResponse({ ...shared, algorithm: 'SHA-256', ha1: ha1('SHA-256') })).toBe(
    '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  );
});

test('several challenges in one value, quoted commas and other schemes', () => {
  expect(parseDigest('Bearer x="y", Digest realm="a, b",nonce="1", DIGEST realm=c, nonce="2\\"", opaque=""')).toEqual([
    { realm: 'a, b', nonce: '1' },
    { realm: 'c', nonce: '2"', opaque: '' },
  ]);
});

test('a challenge is answered with what it asks for: the first algorithm known, auth-int, or no qop', () => {
  const request = { method: 'INVITE', uri: 'sip:1@example.org', body: 'v=0' };
  const credentials = { user: 'u', password: 'p' };
  const answer = (challenge: string): Readonly<Record<string, string>> | undefined =>
    parseDigest(answerChallenge(challenge, request, credentials, 'cn') ?? '')[0];
  const first = answer(
    'Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth", Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth", Digest realm="r", nonce="n", qop="auth"',
  );
  expect(first).toMatchObject({ algorithm: 'SHA-256', qop: 'auth', nc: '00000001', cnonce: 'cn' });
  expect(answer('Digest realm="r", nonce="n", qop="auth-int"')).toMatchObject({ qop: 'auth-int' });
  expect(answer('Digest realm="r", nonce="n"')).not.toHaveProperty('qop');
  expect(answer('Digest realm="r", nonce="n", qop="token"')).toBeUndefined();
});

describe('who may call', () => {
  const clock = { nowMs: 0 };
  const fakeClock: Clock = { nowMs: () => clock.nowMs, nowEpochMs: () => clock.nowMs };
  const ask = (admit: ReturnType<typeof createAdmission>, sourceAddress: string, authorization?: string): Admission =>
    admit({ sourceAddress, method: 'INVITE', uri: 'sip:200@example.org', body: '', authorization });
  const config = (input: object): Config => configSchema.parse(input);

  test('nothing configured: this machine alone, by whichever of its addresses', () => {
    const admit = createAdmission(config({}), fakeClock);
    expect(ask(admit, '127.0.0.1').kind).toBe('admitted');
    for (const { address } of Object.values(networkInterfaces()).flatMap((each) => each ?? [])) {
      expect(ask(admit, address).kind).toBe('admitted');
    }
    expect(ask(admit, '192.0.2.1').kind).toBe('refused');
  });

  test('by address; a trunk is trusted only where it says so', () => {
    const admit = createAdmission(
      config({
        sip: { host: '0.0.0.0', allow: ['192.0.2.0/24'] },
        trunks: [
          { name: 'a', match: ['192.0.2.7'] },
          { name: 'b', match: ['198.51.100.0/24'], trusted: true },
        ],
      }),
      fakeClock,
    );
    expect(ask(admit, '192.0.2.1')).toEqual({ kind: 'admitted', trunk: undefined, trusted: true });
    expect(ask(admit, '192.0.2.7')).toMatchObject({ trunk: { name: 'a' }, trusted: false });
    expect(ask(admit, '198.51.100.3')).toMatchObject({ trunk: { name: 'b' }, trusted: true });
    expect(ask(admit, '127.0.0.1').kind).toBe('refused');
  });

  test.each(['SHA-256', 'MD5'] as const)('by digest, %s: accepted once, replayed or late it is stale', (algorithm) => {
    clock.nowMs = 1000;
    const admit = createAdmission(
      config({ sip: { digest: { users: [{ name: 'ann', password: 'secret' }] } } }),
      fakeClock,
    );
    const challenged = ask(admit, '192.0.2.1');
    if (challenged.kind !== 'challenge') throw new Error(challenged.kind);
    expect(challenged.challenges.map((each) => parseDigest(each)[0]?.['algorithm'])).toEqual(['SHA-256', 'MD5']);
    const challenge = challenged.challenges.find((each) => each.includes(`algorithm=${algorithm}`)) ?? '';
    const credentials = (password: string): string =>
      answerChallenge(
        challenge,
        { method: 'INVITE', uri: 'sip:200@example.org', body: '' },
        { user: 'ann', password },
      ) ?? '';
    const stale = (admission: Admission): boolean =>
      admission.kind === 'challenge' && admission.challenges.every((each) => each.includes('stale=true'));
    const wrong = ask(admit, '192.0.2.1', credentials('guess'));
    expect(wrong.kind === 'challenge' && !stale(wrong)).toBe(true);
    const right = credentials('secret');
    expect(ask(admit, '192.0.2.1', right)).toEqual({ kind: 'admitted', trunk: undefined, trusted: false });
    expect(stale(ask(admit, '192.0.2.1', right))).toBe(true);
    clock.nowMs += 6 * 60_000;
    expect(stale(ask(admit, '192.0.2.1', credentials('secret')))).toBe(true);
  });

  test('without qop, which counts nothing, a nonce serves once', () => {
    const admit = createAdmission(
      config({ sip: { digest: { users: [{ name: 'ann', password: 'secret' }] } } }),
      fakeClock,
    );
    const challenged = ask(admit, '192.0.2.1');
    const challenge = challenged.kind === 'challenge' ? (challenged.challenges[0] ?? '') : '';
    const request = { method: 'INVITE', uri: 'sip:200@example.org', body: '' };
    const old = answerChallenge(challenge.replace(', qop="auth"', ''), request, { user: 'ann', password: 'secret' });
    expect(old).not.toContain('qop');
    expect(ask(admit, '192.0.2.1', old).kind).toBe('admitted');
    expect(ask(admit, '192.0.2.1', old)).toMatchObject({ kind: 'challenge', wrong: false });
  });

  test.each(['sip:999@example.org', 'tel:999'])('credentials for one number do not open another: %s', (other) => {
    const admit = createAdmission(
      config({ sip: { digest: { users: [{ name: 'ann', password: 'secret' }] } } }),
      fakeClock,
    );
    const challenged = ask(admit, '192.0.2.1');
    const challenge = challenged.kind === 'challenge' ? (challenged.challenges[0] ?? '') : '';
    const request = { method: 'INVITE', uri: other, body: '' };
    const elsewhere = answerChallenge(challenge, request, { user: 'ann', password: 'secret' });
    expect(ask(admit, '192.0.2.1', elsewhere).kind).toBe('challenge');
  });

  test('HA1 in place of a password, and the trunk of a digest user', () => {
    const admit = createAdmission(
      config({
        sip: { digest: { users: [{ name: 'ann', ha1: ha1Of('MD5', 'ann', 'sidetone', 'secret') }] } },
        trunks: [{ name: 't', digestUser: 'ann', trusted: true }],
      }),
      fakeClock,
    );
    const challenged = ask(admit, '192.0.2.1');
    const challenges = challenged.kind === 'challenge' ? challenged.challenges : [];
    // A client that knows SHA-256 would answer with it, and this user has no HA1 for that.
    expect(challenges.map((each) => parseDigest(each)[0]?.['algorithm'])).toEqual(['MD5']);
    const [challenge = ''] = challenges;
    const request = { method: 'INVITE', uri: 'sip:200@example.org', body: '' };
    const right = answerChallenge(challenge, request, { user: 'ann', password: 'secret' });
    expect(ask(admit, '192.0.2.1', right)).toMatchObject({ trunk: { name: 't' }, trusted: true });
  });

  test('phones that know MD5 alone get nothing else, where the configuration says so', () => {
    const admit = createAdmission(
      config({ sip: { digest: { algorithms: ['MD5'], users: [{ name: 'ann', password: 'secret' }] } } }),
      fakeClock,
    );
    const challenged = ask(admit, '192.0.2.1');
    const challenges = challenged.kind === 'challenge' ? challenged.challenges : [];
    expect(challenges.map((each) => parseDigest(each)[0]?.['algorithm'])).toEqual(['MD5']);
  });
});
