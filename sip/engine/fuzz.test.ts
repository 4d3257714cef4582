import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { respond, TestApp } from './testing/app.ts';
import { udpPeer } from './testing/peer.ts';
import { requestText } from './testing/texts.ts';

const pieces = [
  '\r\n',
  ';',
  ',',
  '<',
  '>',
  '"',
  ':',
  '@',
  ';tag=',
  ';rport',
  ';branch=z9hG4bK',
  'sip:',
  '%',
  '\0',
  'é',
  '[::1]',
  '0',
  '-1',
];

test('thousands of broken requests over the wire: no mistake of ours is logged, and the next good one is answered', async () => {
  const mistakes: unknown[] = [];
  const logger = silentLogger.child({});
  logger.error = (fields: unknown) => void mistakes.push(fields);
  const app = await TestApp.start({ logger });
  for (const method of ['INVITE', 'OPTIONS', 'BYE', 'INFO']) {
    app.on(method, (_request, response) => void respond(response, 486).catch(() => undefined));
  }
  const socket = createSocket('udp4');
  const methods = fc.constantFrom('INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'PRACK', 'UPDATE', 'INFO');
  const cut = fc.tuple(fc.nat(700), fc.nat(5), fc.constantFrom('', ...pieces));
  const extra = ['RAck: 1 1 INVITE', 'Record-Route: <sip:a;lr>', 'Session-Expires: 90', 'Require: 100rel'];
  const send = (bytes: Buffer): Promise<void> =>
    new Promise((resolve) => socket.send(bytes, app.port, '127.0.0.1', () => resolve()));
  await fc.assert(
    fc.asyncProperty(methods, fc.array(cut, { maxLength: 4 }), fc.boolean(), async (method, cuts, tagged) => {
      let text = requestText({ method, port: 9, extra, ...(tagged ? { toTag: 'x' } : {}) });
      for (const [at, length, put] of cuts) text = text.slice(0, at) + put + text.slice(at + length);
      await send(Buffer.from(text));
    }),
    { numRuns: 3000 },
  );
  const peer = await udpPeer(app.port);
  app.on('options', (_request, response) => void respond(response, 200));
  peer.send(requestText({ method: 'OPTIONS', port: peer.port }));
  await peer.response(200);
  expect(mistakes).toEqual([]);
  socket.close();
  peer.close();
  await app.close();
});
