import { createSocket } from 'node:dgram';
import { once as onceEvent } from 'node:events';
import { expect, test } from 'vitest';
import { Phone } from './phone.ts';

test('a refusal says what the far end says of it', async () => {
  const far = createSocket('udp4');
  far.on('message', (message, { port, address }) => {
    const request = message.toString('latin1');
    if (!request.startsWith('INVITE')) return;
    const copied = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
    const lines = [
      'SIP/2.0 503 Service Unavailable',
      ...copied.map((line) => (/^To:/i.test(line) ? `${line};tag=far` : line)),
      'Warning: 399 sidetone "shutting down: no new calls until it is started again"',
      'Content-Length: 0',
    ];
    far.send(`${lines.join('\r\n')}\r\n\r\n`, port, address);
  });
  far.bind(0, '127.0.0.1');
  await onceEvent(far, 'listening');
  const phone = await Phone.start({ address: '127.0.0.1', transport: 'udp' });
  try {
    await expect(phone.call('sip:x@127.0.0.1', `127.0.0.1:${far.address().port}`)).rejects.toMatchObject({
      code: 'sip-rejected',
      message: expect.stringMatching(/503 .*\(shutting down: no new calls until it is started again\)/) as string,
    });
  } finally {
    await phone.close();
    far.close();
  }
});
