import { createSocket } from 'node:dgram';
import { once as onceEvent } from 'node:events';
import { expect, test } from 'vitest';
import { Phone } from './phone.ts';

/** A far end that refuses every INVITE with these lines, and keeps what it was asked. */
async function refusing(...lines: readonly string[]) {
  const socket = createSocket('udp4');
  const invites: string[] = [];
  socket.on('message', (message, { port, address }) => {
    const request = message.toString('latin1');
    if (!request.startsWith('INVITE')) return;
    invites.push(request);
    const copied = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
    const tagged = copied.map((line) => (/^To:/i.test(line) ? `${line};tag=far` : line));
    const [status = '', ...fields] = lines;
    socket.send(`${[status, ...tagged, ...fields, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await onceEvent(socket, 'listening');
  return { invites, hostPort: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

test('a phone says who calls, whatever the name has in it', async () => {
  const far = await refusing('SIP/2.0 486 Busy Here');
  const caller = { user: '100', displayName: String.raw`Ann "the \ fixer"` };
  const phone = await Phone.start({ address: '127.0.0.1', transport: 'udp', caller });
  await expect(phone.call('sip:x@127.0.0.1', far.hostPort)).rejects.toThrow('486 Busy Here');
  expect(far.invites[0]).toContain(String.raw`From: "Ann \"the \\ fixer\"" <sip:100@127.0.0.1:`);
  await phone.close();
  far.close();
});

test('a refusal says what the far end says of it', async () => {
  const words = 'shutting down: no new calls until it is started again';
  const far = await refusing('SIP/2.0 503 Service Unavailable', `Warning: 399 sidetone "${words}"`);
  const phone = await Phone.start({ address: '127.0.0.1', transport: 'udp' });
  await expect(phone.call('sip:x@127.0.0.1', far.hostPort)).rejects.toMatchObject({
    code: 'sip-rejected',
    message: `the call was refused: 503 Service Unavailable (${words})`,
  });
  await phone.close();
  far.close();
});
