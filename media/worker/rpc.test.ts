import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { SidetoneError } from '#lib/errors.ts';
import { answer, RpcClient, type Handlers, type RpcReply, type RpcRequest } from './rpc.ts';

type Sums = {
  readonly add: { readonly args: readonly number[]; readonly result: number };
  readonly fail: { readonly args: null; readonly result: never };
  readonly hang: { readonly args: null; readonly result: void };
};
const handlers: Handlers<Sums> = {
  add: (numbers) => numbers.reduce((sum, number) => sum + number, 0),
  fail: () => {
    throw new SidetoneError('ports-exhausted', 'none left');
  },
  hang: () => new Promise(() => undefined),
};

const channels: MessageChannel[] = [];
afterEach(() => {
  for (const channel of channels.splice(0)) channel.port1.close();
});

function connected(timeoutMs: number): RpcClient<Sums> {
  const channel = new MessageChannel();
  channels.push(channel);
  channel.port2.on('message', (request: RpcRequest) => {
    void answer(handlers, request, (reply) => channel.port2.postMessage(reply, []));
  });
  const client = new RpcClient<Sums>((request) => channel.port1.postMessage(request, []), timeoutMs);
  channel.port1.on('message', (reply: RpcReply) => client.receive(reply));
  return client;
}

test('a request is answered by its own reply', async () => {
  const client = connected(2000);
  expect(await Promise.all([client.request('add', [1, 2]), client.request('add', [3, 4])])).toEqual([3, 7]);
});

test('an error keeps its code on the way', async () => {
  await expect(connected(2000).request('fail', null)).rejects.toMatchObject({ code: 'ports-exhausted' });
});

test('a request without an answer times out', async () => {
  await expect(connected(20).request('hang', null)).rejects.toMatchObject({ code: 'rpc-timeout' });
});

test('closing rejects what is pending and what comes after', async () => {
  const client = connected(2000);
  const pending = client.request('hang', null);
  client.close(new SidetoneError('media-worker-lost', 'gone'));
  await expect(pending).rejects.toMatchObject({ code: 'media-worker-lost' });
  await expect(client.request('add', [1])).rejects.toMatchObject({ code: 'media-worker-lost' });
});
