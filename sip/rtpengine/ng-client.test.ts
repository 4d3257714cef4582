import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#lib/clock.ts';
import { HostResolver } from '#lib/host-resolver.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics, type Metrics } from '#lib/metrics.ts';
import { NgClient } from './ng-client.ts';

/** What stands at the other end: it keeps every datagram and answers as it is told. */
class Peer {
  readonly socket: Socket;
  readonly asked: string[] = [];
  answer: (cookie: string, question: string, from: RemoteInfo) => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (datagram, from) => {
      const [cookie = '', question = ''] = datagram.toString().split(/ (.*)/s);
      this.asked.push(`${cookie} ${question}`);
      this.answer(cookie, question, from);
    });
  }

  send(text: string, to: RemoteInfo): void {
    this.socket.send(text, to.port, to.address);
  }
}

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(): Promise<{ peer: Peer; ng: NgClient; metrics: Metrics }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const peer = new Peer(socket);
  const metrics = createMetrics();
  const ng = new NgClient({
    host: '127.0.0.1',
    port: socket.address().port,
    resolver: new HostResolver(systemClock),
    logger: silentLogger,
    metrics,
    timing: { retransmitMs: 40, giveUpMs: 300, pingMs: 60 },
  });
  closing.push(
    () => ng.close(),
    () => {
      socket.close();
    },
  );
  return { peer, ng, metrics };
}

const isPing = (question: string): boolean => question.includes('4:ping');

test('a question is asked again, alike, until it is answered; its answer coming twice changes nothing', async () => {
  const { peer, ng, metrics } = await open();
  let times = 0;
  peer.answer = (cookie, question, from) => {
    if (isPing(question)) return peer.send(`${cookie} d6:result4:ponge`, from);
    times += 1;
    if (times < 3) return;
    for (let copy = 0; copy < 2; copy += 1) peer.send(`${cookie} d6:result2:ok5:counti${times}ee`, from);
  };
  const fields = await ng.request('query', { 'call-id': 'a' });
  expect(fields.get('count')).toBe(3);
  const questions = peer.asked.filter((each) => !isPing(each));
  expect(questions).toHaveLength(3);
  expect(new Set(questions).size).toBe(1);
  expect(questions[0]).toMatch(/^\w+ d7:command5:query7:call-id1:ae$/);
  expect(await metrics.render()).toMatch(/rtpengine_requests_total\{command="query",result="ok"\} 1/);
});

test('answers are told apart by their cookies, whatever their order', async () => {
  const { peer, ng } = await open();
  const waiting: (() => void)[] = [];
  peer.answer = (cookie, question, from) => {
    if (isPing(question)) return;
    const callId = /7:call-id1:(.)/.exec(question)?.[1] ?? '';
    waiting.unshift(() => peer.send(`${cookie} d6:result2:ok4:call1:${callId}e`, from));
    if (waiting.length === 3) for (const answer of waiting) answer();
  };
  const replies = await Promise.all(['x', 'y', 'z'].map((each) => ng.request('query', { 'call-id': each })));
  expect(replies.map((reply) => reply.get('call'))).toEqual(['x', 'y', 'z']);
});

test('a thousand questions at once: few are open, none is lost, and when nobody answers none waits for all the others', async () => {
  const { peer, ng } = await open();
  let most = 0;
  const unanswered = new Set<string>();
  peer.answer = (cookie, question, from) => {
    if (isPing(question)) return;
    unanswered.add(cookie);
    most = Math.max(most, unanswered.size);
    setImmediate(() => {
      unanswered.delete(cookie);
      peer.send(`${cookie} d6:result2:ok4:text4000:${'x'.repeat(4000)}e`, from);
    });
  };
  const thousand = Array.from({ length: 1000 }, () => ng.ask('query'));
  expect((await Promise.all(thousand)).every((reply) => reply?.ok === true)).toBe(true);
  expect(most).toBeLessThanOrEqual(16);
  peer.answer = () => undefined;
  const replies = await Promise.all(Array.from({ length: 1000 }, () => ng.ask('query')));
  expect(replies.every((reply) => reply === undefined)).toBe(true);
  expect(ng.state).toBe('down');
});

test('refused in its own words; what is no answer is counted and waited past', async () => {
  const { peer, ng, metrics } = await open();
  peer.answer = (cookie, _, from) => {
    for (const noise of [
      '',
      ' ',
      cookie,
      `${cookie} `,
      `${cookie} i1e`,
      `${cookie} d6:result4:why?e`,
      'x'.repeat(9000),
    ]) {
      peer.send(noise, from);
    }
    peer.send('nobody d6:result2:oke', from);
    peer.send(`${cookie} d6:result5:error12:error-reason15:Unknown call-ide`, from);
  };
  await expect(ng.request('query', { 'call-id': 'a' })).rejects.toMatchObject({
    code: 'rtpengine-refused',
    message: 'rtpengine: Unknown call-id',
  });
  expect(await metrics.render()).toMatch(/rtpengine_malformed_total \d/);
  expect(ng.state).toBe('up');
});

test('silent: down, told once; a word: up again, told once', async () => {
  const { peer, ng } = await open();
  const states: string[] = [];
  ng.subscribe((state) => states.push(state));
  expect(ng.state).toBe('unknown');
  await expect(ng.request('query')).rejects.toMatchObject({ code: 'rtpengine-unavailable' });
  await expect(ng.request('query')).rejects.toMatchObject({ code: 'rtpengine-unavailable' });
  expect(states).toEqual(['down']);
  peer.answer = (cookie, _, from) => peer.send(`${cookie} d6:result4:ponge`, from);
  await until(() => ng.state === 'up');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(states).toEqual(['down', 'up']);
});

test('closed: what waits is let go, and nothing more is sent', async () => {
  const { peer, ng } = await open();
  const pending = ng.ask('query');
  await until(() => peer.asked.length > 1);
  await ng.close();
  expect(await pending).toBeUndefined();
  expect(await ng.ask('query')).toBeUndefined();
  const before = peer.asked.length;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(peer.asked).toHaveLength(before);
});

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('never came');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('whoever asks more than can wait has no answer at once; the others have theirs', async () => {
  const { peer, ng } = await open();
  peer.answer = (cookie, _question, from) => peer.send(`${cookie} d6:result2:oke`, from);
  const asked = Array.from({ length: 10_000 }, () => ng.ask('query', { 'call-id': 'a' }));
  expect(await asked.at(-1)).toBeUndefined();
  const answered = (await Promise.all(asked)).filter((reply) => reply !== undefined);
  expect(answered.length).toBeGreaterThanOrEqual(4096);
  expect(answered.length).toBeLessThan(4200);
});
