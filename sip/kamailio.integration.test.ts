import { expect, test } from 'vitest';
import { openBench } from './testing/bench.ts';
import { hasKamailio, startDispatcher } from './testing/kamailio.ts';
import { RawUa, sdp } from './testing/raw-ua.ts';

test.skipIf(!hasKamailio)(
  'Kamailio’s dispatcher: calls go by us, and around us while we are stopped and when we are gone (kamailio)',
  { timeout: 30_000 },
  async () => {
    const [bench, carrier] = [await openBench(), await RawUa.open()];
    carrier.answerAll('OPTIONS');
    const kamailio = await startDispatcher(bench.port, carrier.port);
    const { caller, callee } = bench;
    /** A call by Kamailio, which this one gets. */
    const reached = async (expected: RawUa): Promise<void> => {
      const invite = caller.invite({ port: kamailio.port, body: sdp() });
      const arrived = await expected.expect('INVITE', 10_000);
      expected.reply(arrived, 486);
      const final = await caller.expect('486 INVITE');
      caller.ack(invite, final);
      await expected.expect('ACK');
    };
    try {
      await reached(callee);
      expect(bench.events.filter(({ type }) => type === 'ringing')).toHaveLength(1);
      bench.server.drain();
      await reached(carrier);
      await bench.server.close();
      await reached(carrier);
      expect(callee.heard('INVITE')).toBe(1);
    } finally {
      await kamailio.close();
      await bench.close();
      await carrier.close();
    }
  },
);
