import { beforeEach, describe, expect, test } from 'vitest';
import { parseMessage } from '../message/parse.ts';
import type { ReceivedResponse } from '../message/message.ts';
import { InviteClientTransaction } from './invite-client.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { ManualScheduler } from './manual-scheduler.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import { defaultTimers } from './timers.ts';
import type { TransactionContext } from './transaction.ts';

const request = Buffer.from('request');
let time: ManualScheduler;
let sent: [number, string][];
let ended: number[];

beforeEach(() => {
  time = new ManualScheduler();
  sent = [];
  ended = [];
});

function context(reliable = false): TransactionContext {
  const out = (bytes: Buffer): void => void sent.push([time.nowMs, bytes.toString()]);
  return {
    scheduler: time,
    timers: defaultTimers,
    reliable,
    send: out,
    resend: out,
    terminated: () => void ended.push(time.nowMs),
  };
}

function response(status: number): ReceivedResponse {
  const text = `SIP/2.0 ${status} X\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n`;
  const parsed = parseMessage(Buffer.from(text));
  if (parsed.kind !== 'response') throw new Error('not a response');
  return parsed;
}

function user(): {
  heard: (number | string)[];
  response(r: ReceivedResponse): void;
  timeout(): void;
  ackFor(): Buffer;
} {
  const heard: (number | string)[] = [];
  return {
    heard,
    response: (each) => void heard.push(each.status),
    timeout: () => void heard.push('timeout'),
    ackFor: () => Buffer.from('ack'),
  };
}

const times = (what: string): number[] => sent.filter(([, text]) => text === what).map(([atMs]) => atMs);

describe('INVITE client', () => {
  test('timer A doubles without cap, timer B ends at 64*T1', () => {
    const told = user();
    const each = new InviteClientTransaction(context(), told, request);
    time.advance(40_000);
    expect(times('request')).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(told.heard).toEqual(['timeout']);
    expect(ended).toEqual([32_000]);
    each.receive(response(200));
    expect(told.heard).toEqual(['timeout']);
    expect(time.waitingCount).toBe(0);
  });

  test('over TCP nothing is sent again, and timer B stands', () => {
    const told = user();
    const each = new InviteClientTransaction(context(true), told, request);
    time.advance(40_000);
    expect(each.state).toBe('terminated');
    expect(times('request')).toEqual([0]);
    expect(told.heard).toEqual(['timeout']);
  });

  test('a provisional response stops timers A and B', () => {
    const told = user();
    const each = new InviteClientTransaction(context(), told, request);
    time.advance(600);
    each.receive(response(180));
    time.advance(300_000);
    each.receive(response(183));
    expect(times('request')).toEqual([0, 500]);
    expect(told.heard).toEqual([180, 183]);
    expect(ended).toEqual([]);
  });

  test('a refusal is acknowledged, again for each copy, until timer D', () => {
    const told = user();
    const each = new InviteClientTransaction(context(), told, request);
    each.receive(response(486));
    time.advance(1000);
    each.receive(response(486));
    each.receive(response(180));
    expect(times('ack')).toEqual([0, 1000]);
    expect(told.heard).toEqual([486]);
    time.advance(32_000);
    expect(ended).toEqual([32_000]);
  });

  test('timer D is nothing over TCP', () => {
    new InviteClientTransaction(context(true), user(), request).receive(response(486));
    time.advance(0);
    expect(ended).toEqual([0]);
  });

  test('RFC 6026: every 2xx goes up until timer M, a later refusal does not', () => {
    const told = user();
    const each = new InviteClientTransaction(context(), told, request);
    each.receive(response(200));
    each.receive(response(200));
    each.receive(response(486));
    expect(told.heard).toEqual([200, 200]);
    expect(times('ack')).toEqual([]);
    time.advance(31_999);
    expect(ended).toEqual([]);
    time.advance(1);
    expect(ended).toEqual([32_000]);
  });
});

describe('other client', () => {
  test('timer E doubles up to T2, timer F ends at 64*T1', () => {
    const told = user();
    const each = new NonInviteClientTransaction(context(), told, request);
    time.advance(40_000);
    expect(times('request')).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(told.heard).toEqual(['timeout']);
    expect(each.state).toBe('terminated');
    expect(ended).toEqual([32_000]);
  });

  test('after a provisional response timer E is T2 and timer F goes on', () => {
    const told = user();
    const each = new NonInviteClientTransaction(context(), told, request);
    time.advance(600);
    each.receive(response(100));
    each.receive(response(100));
    time.advance(9000);
    expect(times('request')).toEqual([0, 500, 4600, 8600]);
    time.advance(30_000);
    expect(told.heard).toEqual([100, 100, 'timeout']);
  });

  test('copies of the final response are swallowed until timer K', () => {
    const told = user();
    const each = new NonInviteClientTransaction(context(), told, request);
    each.receive(response(200));
    each.receive(response(200));
    time.advance(4999);
    expect(ended).toEqual([]);
    time.advance(1);
    expect(told.heard).toEqual([200]);
    expect(ended).toEqual([5000]);
  });
});

describe('INVITE server', () => {
  test('a copy of the INVITE gets the last provisional response', () => {
    const each = new InviteServerTransaction(context());
    each.receiveAgain();
    each.respond(100, Buffer.from('100'));
    each.respond(180, Buffer.from('180'));
    each.receiveAgain();
    expect(sent.map(([, text]) => text)).toEqual(['100', '180', '180']);
  });

  test('timer G doubles up to T2 until timer H', () => {
    const each = new InviteServerTransaction(context());
    each.respond(486, Buffer.from('486'));
    each.respond(200, Buffer.from('200'));
    time.advance(40_000);
    expect(times('486')).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(times('200')).toEqual([]);
    expect(ended).toEqual([32_000]);
  });

  test('the ACK stops timer G; timer I swallows its copies', () => {
    const each = new InviteServerTransaction(context());
    each.respond(486, Buffer.from('486'));
    time.advance(600);
    each.receiveAck();
    each.receiveAck();
    each.receiveAgain();
    time.advance(4999);
    expect(times('486')).toEqual([0, 500]);
    expect(ended).toEqual([]);
    time.advance(1);
    expect(ended).toEqual([5600]);
  });

  test('over TCP the refusal goes once, and timer H stands', () => {
    new InviteServerTransaction(context(true)).respond(486, Buffer.from('486'));
    time.advance(40_000);
    expect(times('486')).toEqual([0]);
    expect(ended).toEqual([32_000]);
  });

  test('RFC 6026: after a 2xx copies of the INVITE are swallowed until timer L', () => {
    const each = new InviteServerTransaction(context());
    each.respond(200, Buffer.from('200'));
    each.receiveAgain();
    time.advance(31_999);
    expect(ended).toEqual([]);
    time.advance(1);
    expect(times('200')).toEqual([0]);
    expect(ended).toEqual([32_000]);
  });
});

describe('other server', () => {
  test('copies are swallowed before an answer and get it afterwards, until timer J', () => {
    const each = new NonInviteServerTransaction(context());
    each.receiveAgain();
    each.respond(200, Buffer.from('200'));
    each.receiveAgain();
    expect(times('200')).toEqual([0, 0]);
    time.advance(31_999);
    expect(ended).toEqual([]);
    time.advance(1);
    expect(ended).toEqual([32_000]);
  });

  test('timer J is nothing over TCP', () => {
    new NonInviteServerTransaction(context(true)).respond(200, Buffer.from('200'));
    time.advance(0);
    expect(ended).toEqual([0]);
  });
});

test('aborting leaves no timer', () => {
  const clients = [
    new InviteClientTransaction(context(), user(), request),
    new NonInviteClientTransaction(context(), user(), request),
  ];
  const server = new InviteServerTransaction(context());
  server.respond(486, Buffer.from('486'));
  for (const each of [...clients, server]) each.abort();
  for (const each of [...clients, server]) each.abort();
  expect(time.waitingCount).toBe(0);
  expect(ended).toHaveLength(3);
});
