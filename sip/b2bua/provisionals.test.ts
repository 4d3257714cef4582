import { expect, test } from 'vitest';
import { SipHeaders, type SipRequest } from './messages.ts';
import { Provisionals } from './provisionals.ts';

/** An INVITE that demands 100rel and is never heard of again. */
function invite(sent: number[]): SipRequest {
  return {
    method: 'INVITE',
    uri: 'sip:200@127.0.0.1',
    headers: new SipHeaders({ require: '100rel' }),
    body: '',
    source: { address: '127.0.0.1', port: 5060, transport: 'udp' },
    callId: 'c',
    fromTag: 'a',
    toTag: undefined,
    dialogId: '',
    unsolicited: false,
    onCancel: () => undefined,
    respond: (status) => {
      sent.push(status);
      return Promise.resolve({ toTag: 'b', dialogId: 'd' });
    },
  };
}

test('whoever waits for a PRACK goes on when the call is over, and what was to follow it is not sent', async () => {
  const sent: number[] = [];
  const provisionals = new Provisionals(invite(sent), {
    onSent: () => undefined,
    waitMs: 60_000,
    onUnacknowledged: () => undefined,
  });
  const provisional = { reason: '', headers: {}, body: undefined, onPrack: () => undefined };
  provisionals.send({ ...provisional, status: 180 }, true);
  provisionals.send({ ...provisional, status: 183 }, true);
  const settled = provisionals.settled();
  provisionals.stop();
  await settled;
  expect(sent).toEqual([180]);
});
