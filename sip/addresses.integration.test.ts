import { afterEach, describe, expect, test } from 'vitest';
import { ownAddress as own } from '#test/own-address.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { RawUa, sdp, uriOf } from './testing/raw-ua.ts';

/** An address of this machine that is not loopback: a peer that uses it is elsewhere, as far as the rule goes. */

let bench: Bench;
let elsewhere: RawUa | undefined;
afterEach(async () => {
  elsewhere?.answerByes();
  await bench.close();
  await elsewhere?.close();
});

describe.skipIf(own === undefined)('a peer elsewhere and one on loopback', () => {
  const address = own ?? '';
  test.each([
    ['the local address that reaches it', undefined, address],
    ['the advertised address', '203.0.113.9', '203.0.113.9'],
  ])('the first is given %s, the second loopback', async (_, advertiseAddress, told) => {
    elsewhere = await RawUa.open(address);
    bench = await openBench({
      sip: { host: '0.0.0.0', allow: [`${address}/32`] },
      ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    });
    const invite = elsewhere.invite({ port: bench.port, address, body: sdp({ address }) });
    const received = await bench.callee.expect('INVITE');
    expect(received.sdp('c=')).toEqual(['c=IN IP4 127.0.0.1']);
    expect(uriOf(received.header('Contact'))).toBe(`sip:127.0.0.1:${bench.port}`);
    expect(received.header('Via')).toContain('127.0.0.1:');
    expect(received.header('From')).toContain('@127.0.0.1');
    bench.callee.reply(received, 200, { body: sdp({ port: 41_000 }) });
    const ok = await elsewhere.expect('200 INVITE');
    expect(ok.sdp('c=')).toEqual([`c=IN IP4 ${told}`]);
    expect(uriOf(ok.header('Contact'))).toBe(`sip:${told}:${bench.port}`);
    expect(ok.text).not.toMatch(/0\.0\.0\.0|127\.0\.0\.1/);
    elsewhere.ack(invite, ok);
  });
});
