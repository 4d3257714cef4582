import { expect, test } from 'vitest';
import { readdressReferTo } from './refer-to.ts';

const own = new Set([5060, 5070]);

test.each([
  ['<sip:300@192.0.2.10>', '<sip:300@198.51.100.10>'],
  ['sip:300@192.0.2.10:5070;transport=tcp', 'sip:300@198.51.100.10:5070;transport=tcp'],
  [
    '"192.0.2.10" <sip:192.0.2.10@192.0.2.10:5060?Replaces=a%3Bto-tag%3D1>',
    '"192.0.2.10" <sip:192.0.2.10@198.51.100.10:5060?Replaces=a%3Bto-tag%3D1>',
  ],
  // Somebody else, at another port or address.
  ['<sip:300@192.0.2.10:5090>', '<sip:300@192.0.2.10:5090>'],
  ['<sip:300@pbx.example>', '<sip:300@pbx.example>'],
  ['<tel:+4930123456>', '<tel:+4930123456>'],
  ['no address', 'no address'],
])('%s', (referTo, expected) => {
  expect(readdressReferTo(referTo, own, '192.0.2.10', '198.51.100.10')).toBe(expected);
});

test('between address families', () => {
  expect(readdressReferTo('<sip:1@[2001:db8::1]>', own, '2001:db8::1', '192.0.2.10')).toBe('<sip:1@192.0.2.10>');
  expect(readdressReferTo('<sip:1@192.0.2.10>', own, '192.0.2.10', '2001:db8::1')).toBe('<sip:1@[2001:db8::1]>');
});
