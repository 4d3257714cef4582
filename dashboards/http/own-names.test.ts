import { expect, test } from 'vitest';
import { ownNames } from './own-names.ts';

const isOwn = ownNames([undefined, 'https://Calls.example.org:8443', 'sidetone.internal', '::1']);

test.each([
  '127.0.0.1:8080',
  '192.0.2.7',
  '[::1]:8080',
  'localhost:8080',
  'LOCALHOST',
  'calls.example.org',
  'calls.example.org:8080',
  'sidetone.internal:8080',
])('%s is ours', (host) => expect(isOwn(host)).toBe(true));

test.each([
  'rebound.example:8080',
  'localhost.rebound.example',
  '127.0.0.1.rebound.example:8080',
  'example.org',
  'a b',
  '',
  undefined,
])('%s is not', (host) => expect(isOwn(host)).toBe(false));
