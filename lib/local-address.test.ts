import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { LocalAddresses } from './local-address.ts';

const own = Object.values(networkInterfaces())
  .flat()
  .find((each) => each !== undefined && each.family === 'IPv4' && !each.internal)?.address;

function told(boundAddress: string, advertiseAddress?: string): LocalAddresses {
  return new LocalAddresses({ boundAddress, advertiseAddress });
}

test('loopback for loopback, whatever is advertised', async () => {
  const addresses = told('0.0.0.0', '203.0.113.9');
  expect(addresses.known('127.0.0.1')).toBe('127.0.0.1');
  expect(addresses.known('::ffff:127.0.0.1')).toBe('127.0.0.1');
  expect(addresses.known('::1')).toBe('::1');
  expect(addresses.known('192.0.2.1')).toBe('203.0.113.9');
  expect(told('127.0.0.1', '203.0.113.9').known('127.8.8.8')).toBe('127.0.0.1');
  await expect(told('0.0.0.0').learn('127.0.0.1')).resolves.toBe('127.0.0.1');
});

test('a specific bound address is what every peer is told', () => {
  expect(told('192.0.2.77').known('198.51.100.1')).toBe('192.0.2.77');
  expect(told('192.0.2.77').known('127.0.0.1')).toBe('192.0.2.77');
});

test.skipIf(own === undefined)('bound everywhere: what the system would send from, known once learnt', async () => {
  const addresses = told('0.0.0.0');
  expect(addresses.known(own ?? '')).toBeUndefined();
  const both = await Promise.all([addresses.learn(own ?? ''), addresses.learn(own ?? '')]);
  expect(both).toEqual([own, own]);
  expect(addresses.known(own ?? '')).toBe(own);
});

test.skipIf(own === undefined)('bound to loopback: loopback for this machine, under whatever address', async () => {
  expect(await told('127.0.0.1').learn(own ?? '')).toBe('127.0.0.1');
});

test('bound to loopback: a peer that is elsewhere is told what the system would send from', async () => {
  // A documentation address (RFC 5737): by the default route, or nowhere at all.
  const elsewhere = '198.51.100.1';
  expect(await told('127.0.0.1').learn(elsewhere)).toBe(await told('0.0.0.0').learn(elsewhere));
});
