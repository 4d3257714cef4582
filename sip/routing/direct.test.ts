import { expect, test } from 'vitest';
import { configSchema } from '#lib/config/schema.ts';
import { createDirectTarget } from './direct.ts';

const own = new Set([5060]);

test('without routes, on loopback, a call goes where its Request-URI says, but not to ourselves or elsewhere', () => {
  const target = createDirectTarget(configSchema.parse({}), own);
  expect(target('sip:bob@127.0.0.1:5090')).toBe('sip:bob@127.0.0.1:5090');
  for (const uri of [
    'sip:bob@127.0.0.1',
    'sip:bob@127.0.0.1:5060',
    'sip:bob@192.0.2.1:5090',
    'sip:bob@example.com',
    'tel:+49',
  ]) {
    expect(target(uri)).toBeUndefined();
  }
});

test('with routes, or reachable from outside, only routes say where a call goes', () => {
  const uri = 'sip:bob@127.0.0.1:5090';
  expect(createDirectTarget(configSchema.parse({ routes: [{ to: 'sip:a@127.0.0.1' }] }), own)(uri)).toBeUndefined();
  expect(createDirectTarget(configSchema.parse({ sip: { host: '0.0.0.0' } }), own)(uri)).toBeUndefined();
});
