import { expect, test } from 'vitest';
import { callIdOf } from './call-id.ts';

test('what is no call id is refused in words that lead to one', () => {
  expect(callIdOf('01938f3e-6b7c-7c2a-9d31-0f5f1f6f8a11')).toBe('01938f3e-6b7c-7c2a-9d31-0f5f1f6f8a11');
  expect(() => callIdOf('123')).toThrow(/"123" is no call id: one looks like [0-9a-f-]{36}\. .*sidetone search/);
});
