import { expect, test } from 'vitest';
import { checkPassword, hashPassword } from './passwords.ts';

test('a password is known again, however its letters are composed, and no other is', async () => {
  const phc = await hashPassword('café au lait!');
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await checkPassword('cafe\u0301 au lait!', phc)).toBe(true);
  expect(await checkPassword('Café au lait!', phc)).toBe(false);
  expect(await hashPassword('café au lait!')).not.toBe(phc);
});

test('reads what the reference implementation wrote, and takes nothing for a password that is not of the form', async () => {
  // echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 (phc-winner-argon2, test.c)
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await checkPassword('password', reference)).toBe(true);
  expect(await checkPassword('passwore', reference)).toBe(false);
  for (const broken of ['', 'password', reference.slice(0, 40), reference.replace('argon2id', 'argon2i')])
    expect(await checkPassword('password', broken)).toBe(false);
});
