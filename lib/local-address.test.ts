import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { createLocalAddress } from './local-address.ts';

test('loopback for loopback, whatever is advertised', async () => {
  const localAddress = createLocalAddress({ boundAddress: '0.0.0.0', advertiseAddress: '203.0.113.9' });
  expect(await localAddress('127.0.0.1')).toBe('127.0.0.1');
  expect(await localAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
  expect(await localAddress('192.0.2.1')).toBe('203.0.113.9');
});

test('a specific bound address is what peers elsewhere are told', async () => {
  const localAddress = createLocalAddress({ boundAddress: '192.0.2.77', advertiseAddress: undefined });
  expect(await localAddress('198.51.100.1')).toBe('192.0.2.77');
});

const own = Object.values(networkInterfaces())
  .flat()
  .find((each) => each !== undefined && each.family === 'IPv4' && !each.internal)?.address;

test.skipIf(own === undefined)('unspecified: the address that the system would send from', async () => {
  const localAddress = createLocalAddress({ boundAddress: '0.0.0.0', advertiseAddress: undefined });
  expect(await localAddress(own ?? '')).toBe(own);
});
