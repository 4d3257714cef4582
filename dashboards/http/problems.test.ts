import { expect, test } from 'vitest';
import { SidetoneError, errorCodes } from '#lib/errors.ts';
import { HttpProblem, toProblem } from './problems.ts';

test('every code is a problem with a status and a title of its own, by RFC 9457', () => {
  for (const code of errorCodes) {
    const body = new HttpProblem(code, 'why').body();
    expect(body).toMatchObject({ type: `urn:sidetone:problem:${code}`, code, detail: 'why' });
    expect(body.status).toBeGreaterThanOrEqual(400);
    expect(body.title).not.toBe('');
  }
});

test('an error of ours keeps its code; the message of any other stays inside', () => {
  expect(toProblem(new SidetoneError('database-unavailable', 'away')).body()).toMatchObject({
    status: 503,
    detail: 'away',
  });
  const foreign = toProblem(new Error('password authentication failed for user "sidetone"')).body();
  expect(foreign).toMatchObject({ status: 500, code: 'internal-error' });
  expect(foreign.detail).not.toContain('sidetone"');
});

test('a full disk is said as such', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(toProblem(full)).toMatchObject({ status: 507, code: 'disk-full' });
});
