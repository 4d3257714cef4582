import { expect, test } from 'vitest';
import { allRoutes } from './routes.ts';
import { auditActions } from '../http/audit-actions.ts';
import type { ApiContext } from './context.ts';

/** Routes are only described here, never called: nothing of the context is touched. */
const routes = allRoutes({ database: {} } as ApiContext);

/** The only addresses that need no row: they show nothing of any call, and change nothing. A new one belongs here on purpose. */
const withoutRow = [
  'healthz',
  'readyz',
  'metrics',
  'getSession',
  'getOpenApi',
  'getIngest',
  'openStream',
  'openStreamByPath',
];

test('every route that shows content or changes anything declares its evidence', () => {
  expect(routes.length).toBeGreaterThan(25);
  const silent = routes.filter((route) => route.audit.kind === 'none').map((route) => route.id);
  expect(silent.toSorted()).toEqual(withoutRow.toSorted());
  const own = routes.filter((route) => route.audit.kind === 'own').map((route) => route.id);
  expect(own).toEqual(['signIn']);
});

test('what changes is recorded before it is done, what is read before it is sent', () => {
  for (const { id, method, audit } of routes) {
    if (!('action' in audit)) continue;
    expect([id, audit.kind]).toEqual([id, method === 'get' ? (id.startsWith('watch') ? 'watch' : 'read') : 'change']);
    expect(audit.action).toMatch(/^[a-z]+(-[a-z]+)*$/);
  }
});

test('the log can be asked for every action that is written, and for no other', () => {
  const ofHandlers = [
    'call-exported',
    'call-ingested',
    'export-made',
    'request-refused',
    'sign-in-failed',
    'signed-in',
    'speaker-enrolled',
    'speaker-identified',
  ];
  const ofRoutes = routes.flatMap(({ audit }) => {
    if (!('action' in audit)) return [];
    const second = { read: [], change: [`${audit.action}-failed`], watch: [`${audit.action}-ended`] }[audit.kind];
    return [audit.action, ...second];
  });
  expect(auditActions).toEqual([...new Set([...ofRoutes, ...ofHandlers])].toSorted());
});

test('evidence of a call names the call', () => {
  const ofCalls = routes.filter((route) => route.path.includes('{callId}'));
  const nameless = ofCalls.filter(({ audit }) => !('action' in audit) || audit.target === undefined);
  expect(nameless.map((route) => route.id)).toEqual([]);
});

test('nobody who is not signed in reaches a call', () => {
  const withAccess = (access: string): string[] =>
    routes.filter((route) => route.access === access).map((route) => route.id);
  expect(withAccess('open').toSorted()).toEqual([
    'getOpenApi',
    'getSession',
    'healthz',
    'openStream',
    'openStreamByPath',
    'readyz',
    'signIn',
  ]);
  expect(withAccess('monitor')).toEqual(['metrics']);
});

test('operation ids are unique', () => {
  expect(new Set(routes.map((route) => route.id)).size).toBe(routes.length);
});
