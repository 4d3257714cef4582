import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { explain, SidetoneError } from './errors.ts';

test('of a port that another program has, what to do is told', async () => {
  const first = createServer().listen(0, '127.0.0.1');
  await once(first, 'listening');
  const { port } = first.address() as AddressInfo;
  const second = createServer().listen(port, '127.0.0.1');
  const [thrown] = (await once(second, 'error')) as [unknown];
  first.close();
  expect(explain(thrown)).toMatch(new RegExp(`EADDRINUSE.*:${port}: another program has it: .*sidetone doctor`));
});

test('what was raised on purpose is told as it is, a fault with its stack', () => {
  expect(explain(new SidetoneError('conflict', 'it is over'))).toBe('it is over');
  expect(explain(new TypeError('oops'))).toMatch(/TypeError: oops\n +at /);
});
