import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FrameDecoder, encodeFrame } from './control/frames.ts';
import { TestApp, type AppDialog } from './testing/app.ts';

let caller: TestApp;
let callee: TestApp;
beforeEach(async () => {
  caller = await TestApp.start();
  callee = await TestApp.start();
});
afterEach(async () => {
  await caller.close();
  await callee.close();
});

test.each(['udp', 'tcp'])('drachtio-srf calls drachtio-srf over %s', async (transport) => {
  const ended = new Promise<void>((resolve) => {
    callee.on('invite', (request, response) => {
      response.send(180);
      void callee.srf.createUAS(request, response, { localSdp: 'v=0\r\nbé' }).then((dialog) => {
        dialog.on('info', (info: { body: string }, answer: { send(status: number, options: object): void }) => {
          answer.send(200, { body: info.body });
        });
        dialog.on('modify', (again: { body: string }, answer: { send(status: number, options: object): void }) => {
          answer.send(200, { body: again.body });
        });
        dialog.on('destroy', () => resolve());
        return dialog;
      });
    });
  });
  const uri = `sip:bob@127.0.0.1:${callee.port};transport=${transport}`;
  const dialog: AppDialog = await caller.srf.createUAC(uri, { localSdp: 'v=0\r\nüü' });
  expect(dialog.remote.sdp).toBe('v=0\r\nbé');
  // Longer than the control socket of a drachtio-server takes, and more bytes than characters.
  const long = '💬é'.repeat(3000);
  expect((await dialog.request({ method: 'INFO', body: long })).body).toBe(long);
  await dialog.modify('v=0\r\nagain');
  await dialog.destroy();
  await ended;
});

test('the control socket: a wrong secret is refused, a right one may ping', async () => {
  const talk = async (secret: string): Promise<string[]> => {
    const socket = connect(caller.engine.control.port, '127.0.0.1');
    const decoder = new FrameDecoder();
    const heard: string[] = [];
    socket.on('data', (chunk) => {
      for (const each of decoder.push(chunk) ?? []) heard.push(each.toString().replace(/^e\d+\|/, ''));
      if (heard.length === 3) socket.end();
    });
    for (const text of [`1|authenticate|${secret}|`, '2|ping', '3|proxy|x'])
      socket.write(encodeFrame(text, Buffer.alloc(0)));
    await new Promise((resolve) => socket.once('close', resolve));
    return heard;
  };
  expect((await talk('wrong'))[0]).toBe('response|1|NOK|incorrect secret');
  const heard = await talk(caller.engine.control.secret);
  expect(heard[0]).toMatch(
    new RegExp(`^response\\|1\\|OK\\|udp/127.0.0.1:${caller.port},tcp/127.0.0.1:${caller.port}\\|v`),
  );
  expect(heard.slice(1)).toEqual(['response|2|OK', 'response|3|NOK|not supported by this server']);
});

test('closing twice is closing once, and waits for nobody on the control socket', async () => {
  const app = await TestApp.start();
  const silent = connect(app.engine.control.port, '127.0.0.1');
  const gone = new Promise((resolve) => silent.once('close', resolve));
  await new Promise((resolve) => silent.once('connect', resolve));
  await Promise.all([app.close(), app.close()]);
  await gone;
  expect(silent.destroyed).toBe(true);
});
