import { expect, it } from 'vitest';
import { maskDigits, maskHeader, maskIdentity } from './mask-text.ts';

it('masks runs of nine digits and more in a query, whatever separates them', () => {
  expect(maskDigits('card 4111 1111-1111.1111 refund')).toBe('card [DIGITS] refund');
  expect(maskDigits('"123456789"')).toBe('"[DIGITS]"');
  expect(maskDigits('٤١١١١١١١١١')).toBe('[DIGITS]');
  expect(maskDigits('order 45128839 and 12 boxes')).toBe('order 45128839 and 12 boxes');
});

it('keeps dialable numbers of parties, and no card', () => {
  for (const kept of [
    'sip:+442079460000@192.168.100.200:5060',
    '"+1 (415) 555-0123"',
    'tel:+15551234567',
    '10.20.30.40',
  ]) {
    expect(maskIdentity(kept)).toBe(kept);
  }
  expect(maskIdentity('sip:4111111111111111@10.0.0.1')).toBe('sip:[DIGITS]@10.0.0.1');
  expect(maskIdentity('Pay 378282246310005')).toBe('Pay [DIGITS]');
  expect(maskIdentity('sip:12345678901234567@host')).toBe('sip:[DIGITS]@host');
});

it('lets only identity headers keep numbers', () => {
  expect(maskHeader('From', '<sip:15551234567@pbx>;tag=a')).toBe('<sip:15551234567@pbx>;tag=a');
  expect(maskHeader('X-Note', 'paid with 15551234567')).toBe('paid with [DIGITS]');
});
