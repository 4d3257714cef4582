import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '#lib/clock.ts';
import { configSchema } from '#lib/config/schema.ts';
import { HostResolver } from '#lib/host-resolver.ts';
import { LocalAddresses } from '#lib/local-address.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { Forks } from '../forks/intake.ts';
import { SmallMediaGateway } from '../testing/media-gateway.ts';
import type { CallEvent } from '../types.ts';
import { decodeBencode, encodeBencode, type Encodable } from './bencode.ts';
import { createRtpengineForks, type RtpengineForks } from './forks.ts';
import { NgClient } from './ng-client.ts';

/** rtpengine as its page on the ng protocol has it, with one call of ann and bob; what it is asked is kept. */
class SmallRtpengine {
  readonly asked: string[] = [];
  /** Called before a command is answered. */
  before: (command: string) => Promise<void> = () => Promise.resolve();
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => {
      const split = datagram.indexOf(0x20);
      const question = decodeBencode(datagram, split + 1);
      const command = question instanceof Map ? String(question.get('command')) : '';
      this.asked.push(command);
      void this.#answer(command, datagram.subarray(0, split + 1), from);
    });
  }

  static async open(): Promise<SmallRtpengine> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new SmallRtpengine(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  async #answer(command: string, cookie: Buffer, { port, address }: RemoteInfo): Promise<void> {
    await this.before(command);
    this.#socket.send(Buffer.concat([cookie, encodeBencode(answerTo(command))]), port, address);
  }
}

function answerTo(command: string): Encodable {
  if (command === 'ping') return { result: 'pong' };
  if (command === 'query')
    return { result: 'ok', tags: { a1: party('a1', 'b2', 30_000), b2: party('b2', 'a1', 30_002) } };
  if (command !== 'subscribe request') return { result: 'ok' };
  const lines = [40_000, 40_002].map((port) => `m=audio ${port} RTP/AVP 0\r\na=sendonly\r\n`);
  const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n${lines.join('')}`;
  return { result: 'ok', sdp, 'to-tag': 's3', 'from-tags': ['a1', 'b2'] };
}

function party(tag: string, peer: string, port: number): Encodable {
  const link = { tag: peer, type: 'offer/answer' };
  const media = { type: 'audio', flags: ['send', 'recv'], streams: [{ 'local port': port }] };
  return { tag, medias: [media], subscriptions: [link], subscribers: [link] };
}

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface House {
  readonly rtpengine: SmallRtpengine;
  readonly intake: Forks;
  readonly events: CallEvent[];
  readonly forks: RtpengineForks;
}

async function open(): Promise<House> {
  const rtpengine = await SmallRtpengine.open();
  const media = new SmallMediaGateway();
  const metrics = createMetrics();
  const events: CallEvent[] = [];
  const config = configSchema.parse({});
  const rest = { media, clock: systemClock, logger: silentLogger, metrics };
  const intake = new Forks({ ...rest, config, emit: (event) => events.push(event) });
  const ng = new NgClient({
    ...rest,
    host: '127.0.0.1',
    port: rtpengine.port,
    resolver: new HostResolver(systemClock),
  });
  const forks = createRtpengineForks({
    ng,
    intake,
    notes: { seen: () => undefined, refused: () => undefined },
    localAddresses: new LocalAddresses({ boundAddress: '127.0.0.1', advertiseAddress: undefined }),
    logger: silentLogger,
    timing: { pollMs: 20, graceMs: 300 },
  });
  closing.push(
    () => forks.close(),
    () => ng.close(),
    () => media.close(),
    () => rtpengine.close(),
  );
  return { rtpengine, intake, events, forks };
}

test('a call that the house ends while its copy is being made leaves no copy behind', async () => {
  const { rtpengine, intake, events, forks } = await open();
  rtpengine.before = async (command) => {
    if (command === 'subscribe answer') await intake.hangUpAll('server-shutdown', 20);
  };
  await forks.fork({ sipCallId: 'one', phrases: ['Tarn'] });
  await vi.waitFor(() => expect(forks.status().copies).toBe(0));
  expect(events.map(({ type }) => type)).toEqual(['ringing', 'ended']);
  expect(events[0]).toMatchObject({ phrases: ['Tarn'] });
  expect(rtpengine.asked.filter((command) => command === 'unsubscribe')).toHaveLength(1);
  const asked = rtpengine.asked.length;
  await setTimeout(100);
  expect(rtpengine.asked.slice(asked).filter((command) => command !== 'ping')).toEqual([]);
});

test('however often the proxy tells of a change, one subscription is renewed at a time, and once more in the end', async () => {
  const { rtpengine, forks } = await open();
  await forks.fork({ sipCallId: 'one' });
  const begun = rtpengine.asked.length;
  let [atOnce, most] = [0, 0];
  rtpengine.before = async (command) => {
    if (command === 'subscribe request') most = Math.max(most, (atOnce += 1));
    await setTimeout(5);
    if (command === 'subscribe answer') atOnce -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, () => forks.changed('one')));
  expect(most).toBe(1);
  expect(rtpengine.asked.slice(begun).filter((command) => command === 'subscribe request')).toHaveLength(2);
});
