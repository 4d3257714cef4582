import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ownAddress as own } from '#test/own-address.ts';
import { TestServer } from '../server.ts';
import { Baresip, hasBaresip, type BaresipOptions } from './baresip.ts';
import { shareOfOpeningTone, writeToneAndSentence } from './sounds.ts';

/** Below those that the system and our RTP draw from: baresip takes the port after its own as well. */
const annsPort = 15_470;
const bobsPort = 15_480;

let server: TestServer;
const phones: Baresip[] = [];
afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.close()));
  await server.close();
});

test.skipIf(!hasBaresip || own === undefined)(
  'two baresips on the machine of a server that listens on loopback, with nothing configured (baresip)',
  async () => {
    const sounds = mkdtempSync(join(tmpdir(), 'sidetone-sounds-'));
    await writeToneAndSentence(join(sounds, 'ann.wav'), 500, 'refund');
    await writeToneAndSentence(join(sounds, 'bob.wav'), 900, 'weather');
    const address = own ?? '';
    server = await TestServer.start({ yaml: 'asr: {processes: 0}\n' });
    await server.ready();
    const start = async (name: string, port: number, more: Partial<BaresipOptions> = {}): Promise<Baresip> => {
      const phone = await Baresip.start({ name, address, port, plays: join(sounds, `${name}.wav`), ...more });
      phones.push(phone);
      return phone;
    };
    const bob = await start('bob', bobsPort);
    const ann = await start('ann', annsPort, { outbound: server.sip, dials: `sip:bob@${address}:${bobsPort}` });
    await ann.says('Call established');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await ann.press('b');
    await bob.says('session closed');
    await Promise.all([ann.quit(), bob.quit()]);
    expect(shareOfOpeningTone(await bob.heard(), 500)).toBeGreaterThan(0.9);
    expect(shareOfOpeningTone(await ann.heard(), 900)).toBeGreaterThan(0.9);
    rmSync(sounds, { recursive: true });
  },
);
