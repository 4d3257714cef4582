import { expect, test } from 'vitest';
import { Headers } from '../message/headers.ts';
import { routeRequest } from './route-set.ts';
import { sessionPlan, sessionTerms } from './session-fields.ts';

test('loose routes leave the Request-URI, strict ones take its place (RFC 3261 section 12.2.1.1)', () => {
  expect(routeRequest([], 'sip:bob@b')).toEqual({ requestUri: 'sip:bob@b', routes: [], nextHop: 'sip:bob@b' });
  expect(routeRequest(['<sip:p1;lr>', '<sip:p2>'], 'sip:bob@b')).toEqual({
    requestUri: 'sip:bob@b',
    routes: ['<sip:p1;lr>', '<sip:p2>'],
    nextHop: 'sip:p1;lr',
  });
  expect(routeRequest(['<sip:p1>', '<sip:p2;lr>'], 'sip:bob@b')).toEqual({
    requestUri: 'sip:p1',
    routes: ['<sip:p2;lr>', '<sip:bob@b>'],
    nextHop: 'sip:p1',
  });
});

test('session terms of a 2xx, and when to act on them (RFC 4028 sections 7.2 and 10)', () => {
  const terms = (value: string): ReturnType<typeof sessionTerms> =>
    sessionTerms(new Headers().add('Session-Expires', value));
  expect(sessionTerms(new Headers())).toBeUndefined();
  expect(terms('soon')).toBeUndefined();
  expect(terms('0')).toBeUndefined();
  expect(terms('1800')).toEqual({ expiresS: 1800, refresher: 'uac' });
  expect(terms('90 ;refresher=UAS')).toEqual({ expiresS: 90, refresher: 'uas' });
  expect(terms('999999999')?.expiresS).toBe(604_800);
  const hour = { expiresS: 3600, refresher: 'uac' } as const;
  expect(sessionPlan(hour, true)).toEqual({ refreshAfterMs: 1_800_000, endAfterMs: 3_600_000 });
  expect(sessionPlan(hour, false)).toEqual({ refreshAfterMs: undefined, endAfterMs: 3_568_000 });
  expect(sessionPlan({ expiresS: 90, refresher: 'uas' }, false).endAfterMs).toBe(60_000);
});
