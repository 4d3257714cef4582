import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { childrenOf } from '../bench/process-cpu.ts';
import { Phone } from '../cli/softphone/phone.ts';
import { callBetweenPhones } from '../cli/softphone/pair.ts';
import { TestServer } from './server.ts';

let server: TestServer;
afterEach(() => server.close());

const tone = (seconds: number, hz = 400): Int16Array =>
  Int16Array.from({ length: seconds * 8000 }, (_, sample) => 6000 * Math.sin((sample * 2 * Math.PI * hz) / 8000));
const quickCall = () =>
  callBetweenPhones({ callerPcm: tone(1), calleePcm: tone(1, 700), via: server.sip, transport: 'udp' });

/** Sends datagrams to the server and gives back the status lines of what comes within 1.5 s. */
async function datagrams(...messages: readonly (string | Buffer)[]): Promise<readonly string[]> {
  const [host = '', port = ''] = server.sip.split(':');
  const socket = createSocket('udp4');
  const answers: string[] = [];
  socket.on('message', (message) => answers.push(message.toString('latin1').split('\r\n')[0] ?? ''));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  for (const message of messages) socket.send(message, Number(port), host);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  socket.close();
  return answers;
}

function invite(body: string, more: readonly string[] = []): string {
  const id = Math.random().toString(36).slice(2);
  return [
    'INVITE sip:100@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK${id};rport`,
    `From: <sip:test@127.0.0.1>;tag=${id}`,
    'To: <sip:100@127.0.0.1>',
    `Call-ID: ${id}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:test@127.0.0.1:5999>',
    'Max-Forwards: 70',
    ...more,
    'Content-Type: application/sdp',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
const sdp = (...media: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', ...media, ''].join('\r\n');

test('what is no SIP, or wrong SIP, or SIP that we cannot serve, gets its answer, and calls go on', async () => {
  server = await TestServer.start({ yaml: 'routes: [{to: "sip:$0@127.0.0.1:9"}]\nasr: {processes: 0}\n' });
  const answers = await datagrams(
    Buffer.alloc(0),
    Buffer.from([0xff, 0xfe, 0x00]),
    'INVITE sip:x SIP/2.0\r\n',
    'OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKbad;rport\r\nContent-Length: many\r\n\r\n',
    invite(sdp('m=audio 4000 RTP/AVP 18', 'a=rtpmap:18 G729/8000')),
    invite(sdp('m=video 4000 RTP/AVP 96', 'a=rtpmap:96 H264/90000')),
    invite(sdp('m=audio 4000 RTP/SAVP 0')),
    invite('this is no session description'),
    invite(sdp('m=audio 4000 RTP/AVP 0'), ['Require: unheard-of']),
  );
  const finals = answers.filter((line) => !line.includes(' 100 ')).map((line) => line.split(' ')[1]);
  expect(finals.filter((status) => status === '488').length).toBeGreaterThanOrEqual(3);
  expect(finals).toEqual(expect.arrayContaining(['400', '420']));
  expect(
    (await datagrams(invite('').replace('INVITE sip', 'OPTIONS sip').replace('1 INVITE', '1 OPTIONS')))[0],
  ).toContain('200');
  expect(server.logText).not.toContain('G729');
});

test('with every RTP port in use an INVITE gets 503 at once, and the call that has them goes on', async () => {
  server = await TestServer.start({ yaml: 'rtp: {ports: 42000-42003, quarantineS: 0}\nasr: {processes: 0}\n' });
  const callee = await Phone.start({ address: '127.0.0.1', transport: 'udp' });
  const caller = await Phone.start({ address: '127.0.0.1', transport: 'udp' });
  callee.onCall(() => undefined);
  const first = await caller.call(`sip:callee@${callee.hostPort}`, server.sip);
  await expect(caller.call(`sip:callee@${callee.hostPort}`, server.sip)).rejects.toThrow('503');
  expect(first.over.aborted).toBe(false);
  await first.hangUp();
  await first.rtp.close();
  await Promise.all([caller.close(), callee.close()]);
  expect((await quickCall()).packetsToCallee).toBeGreaterThan(40);
});

test('a second server on the same data directory is told who has it', async () => {
  server = await TestServer.start();
  const second = TestServer.launch({ dir: server.dir });
  expect(await second.ended()).toBe(1);
  expect(second.logText).toContain(String(server.pid));
  expect((await fetch(`${server.url}/healthz`)).ok).toBe(true);
});

test('five mistakes in the configuration are named together, and nothing starts', async () => {
  server = TestServer.launch({
    yaml: 'sip: {port: x, colour: blue}\nrtp: {ports: 9-1}\nhttp: {host: 0.0.0.0}\nroutes: [{match: "(", to: "sip:a@b"}]\n',
    environment: { SIDETONE_NONSENSE: '1', SIDETONE_SIP_PORT: 'y', SIDETONE_HTTP_PORT: '8080' },
  });
  expect(await server.ended()).toBe(2);
  for (const part of ['SIDETONE_NONSENSE', 'sip.port', 'colour', 'rtp.ports', 'http.host', 'routes.0.match']) {
    expect(server.logText).toContain(part);
  }
});

test('no process that npm start brings up may dump its memory', async () => {
  server = await TestServer.start({ throughNpm: true });
  await server.ready();
  const family = (pid: number): readonly number[] => [pid, ...childrenOf(pid).flatMap(family)];
  const ours = family(server.pid).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('.ts'));
  // The server, a recogniser, the database.
  expect(ours.length).toBeGreaterThanOrEqual(3);
  for (const pid of ours) {
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max core file size\s+0\s+0\s/);
  }
});
