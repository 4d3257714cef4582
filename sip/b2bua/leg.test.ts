import { expect, test } from 'vitest';
import { LegSession } from '../sdp/leg-session.ts';
import { Leg } from './leg.ts';

test.each([
  ['a peer elsewhere', '192.0.2.10', '192.0.2.7', ['192.0.2.7']],
  ['a peer on loopback', '127.0.0.1', '127.0.0.1', ['127.0.0.1']],
  [
    'a phone of this machine that is told loopback, and sends there from loopback',
    '127.0.0.1',
    '192.0.2.7',
    ['192.0.2.7', '127.0.0.1'],
  ],
])('whose RTP is taken for that of %s', (_, ourAddress, signallingAddress, expected) => {
  const leg = new Leg({
    side: 'caller',
    session: new LegSession(ourAddress, 20_000),
    signallingAddress,
    trusted: false,
    trunk: undefined,
  });
  expect(leg.sourceAddresses).toEqual(expected);
});
