import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Call, Redaction, Utterance } from '#analytics/types.ts';
import { waitFor, type TestServer } from '../server.ts';
import { expectOnlyOurAddress } from './addresses-seen.ts';
import { Baresip, hasBaresip, type BaresipOptions } from './baresip.ts';
import { canMakeNetworks, Network, type Site } from './network.ts';
import { readRecording, shareOfOpeningTone, wordsHeard, writeToneAndSentence } from './sounds.ts';
import { annsCredentials, startServers } from './two-servers.ts';

/**
 * Phones that people use, in networks that reach only the server: Ann and Bob may call, a stranger may not. Each plays
 * a tone of its own and then a sentence of its own.
 */
const annHz = 500;
const bobHz = 900;

let network: Network;
/** One that knows callers by address, one that knows them by name and password; and the one in use. */
let servers: readonly Promise<TestServer>[] = [];
let server: TestServer;
let sounds: string;
let phones: Baresip[] = [];

interface CallAnswer extends Call {
  readonly live: boolean;
  readonly redactions: readonly Redaction[];
}

async function phone(site: Site, options: Omit<BaresipOptions, 'address' | 'namespace' | 'plays'>): Promise<Baresip> {
  const plays = join(sounds, options.name === 'ann' ? 'ann.wav' : 'bob.wav');
  const started = await Baresip.start({ ...options, ...site, plays });
  phones.push(started);
  return started;
}

const site = (index: number): Site => network.sites[index] as Site;
const sipPort = (): string => server.sip.split(':')[1] ?? '';
/** How the machine at a site would dial the server. */
const dial = (user: string, from: Site): string => `sip:${user}@${from.ourAddress}:${sipPort()}`;

/** The call that a phone placed, once everything about it is stored. */
async function storedCall(caller: Baresip): Promise<CallAnswer> {
  const callId = /^X-Sidetone-Call-Id: (\S+)/im.exec(caller.output)?.[1] ?? '';
  return waitFor('the call to be stored', async () => {
    const answer = await server.json<CallAnswer>(`/api/v1/calls/${callId}`);
    return answer.state === 'ended' && !answer.live ? answer : undefined;
  });
}

describe.skipIf(!hasBaresip || !canMakeNetworks)('baresip in networks of its own (baresip, root, ip netns)', () => {
  beforeAll(async () => {
    sounds = mkdtempSync(join(tmpdir(), 'sidetone-sounds-'));
    await writeToneAndSentence(join(sounds, 'ann.wav'), annHz, 'refund');
    await writeToneAndSentence(join(sounds, 'bob.wav'), bobHz, 'weather');
    network = Network.open(3);
    servers = startServers(site(0), site(1), site(2));
    for (const each of await Promise.all(servers)) await each.ready();
  });
  afterEach(async () => {
    await Promise.all(phones.map((each) => each.close()));
    phones = [];
  });
  afterAll(async () => {
    for (const each of await Promise.allSettled(servers)) if (each.status === 'fulfilled') await each.value.close();
    network?.close();
    rmSync(sounds, { recursive: true, force: true });
  });

  describe('known by their addresses', () => {
    beforeAll(async () => {
      server = (await servers[0]) as TestServer;
    });

    test('Ann calls Bob: each hears the other, keys pass, Bob hangs up, and all of it is kept as it should be', async () => {
      const bob = await phone(site(1), { name: 'bob' });
      const ann = await phone(site(0), { name: 'ann', dials: dial('bob', site(0)) });
      await ann.says('Call established');
      await new Promise((resolve) => setTimeout(resolve, 7000));
      await ann.press('73916428');
      await bob.says('(end=1)', 8);
      const received = [...bob.output.matchAll(/received event: '(.)' \(end=1\)/g)];
      expect(received.map(([, digit]) => digit).join('')).toBe('73916428');
      await bob.press('b');
      await ann.says('session closed');
      const call = await storedCall(ann);
      await Promise.all([ann.quit(), bob.quit()]);

      expectOnlyOurAddress(ann, sipPort(), site(0), [site(1)]);
      expectOnlyOurAddress(bob, sipPort(), site(1), [site(0)]);

      expect(call).toMatchObject({
        source: 'b2bua',
        completeness: 'complete',
        termination: { result: 'completed', reason: 'callee-hung-up' },
      });
      expect(call.sipCallIds).toHaveLength(2);
      // The callee's first packets come before its answer does.
      for (const stream of Object.values(call.streams ?? {})) {
        expect(stream).toMatchObject({ strangerPackets: 0, malformedPackets: 0, farLossFraction: 0 });
      }
      const keys = call.redactions.filter(({ kind }) => kind === 'dtmf');
      expect(keys).toEqual([expect.objectContaining({ side: 'caller', reason: 'keys' })]);
      expect(`${JSON.stringify(call)}${server.logText}`).not.toContain('73916428');

      const heardByBob = await bob.heard();
      const heardByAnn = await ann.heard();
      expect(shareOfOpeningTone(heardByBob, annHz)).toBeGreaterThan(0.9);
      expect(shareOfOpeningTone(heardByAnn, bobHz)).toBeGreaterThan(0.9);
      const recording = await readRecording(
        await (await server.get(`/api/v1/calls/${call.callId}/recording`)).arrayBuffer(),
      );
      expect(shareOfOpeningTone(recording.caller, annHz)).toBeGreaterThan(0.9);
      expect(shareOfOpeningTone(recording.callee, bobHz)).toBeGreaterThan(0.9);
      const keyed = ({ startMs, endMs }: Redaction): readonly [number, number] => [startMs * 8, endMs * 8];
      for (const channel of [recording.caller, recording.callee]) {
        for (const range of keys) expect(channel.subarray(...keyed(range)).every((sample) => sample === 0)).toBe(true);
      }

      const { items } = await server.json<{ items: Utterance[] }>(`/api/v1/calls/${call.callId}/transcript`);
      // How well is measured elsewhere; here a starved phone may stutter. Whose words they are, it cannot change.
      expect(wordsHeard(items, 'caller', 'refund')).toBeGreaterThan(0.6);
      expect(wordsHeard(items, 'callee', 'weather')).toBeGreaterThan(0.6);
      expect(wordsHeard(items, 'callee', 'refund')).toBeLessThan(0.4);
    });

    test('over TCP, Bob, who speaks A-law alone, calls Ann, who speaks mu-law alone, and puts her on hold', async () => {
      const ann = await phone(site(0), { name: 'ann', codec: 'PCMU' });
      const bob = await phone(site(1), { name: 'bob', codec: 'PCMA', dials: `${dial('ann', site(1))};transport=tcp` });
      await bob.says('Call established');
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await bob.press('x');
      await ann.says('a=sendonly');
      await bob.press('X');
      await ann.says('a=sendrecv', 4);
      await bob.press('b');
      await ann.says('session closed');
      const call = await storedCall(bob);
      expect(call.termination).toMatchObject({ result: 'completed', reason: 'caller-hung-up' });
      const holds = call.notes.filter(({ untilMs }) => untilMs === undefined);
      expect(holds.map(({ note, detail }) => `${note} ${detail}`)).toEqual(['hold caller', 'resume caller']);
      await Promise.all([ann.quit(), bob.quit()]);
      expect(ann.output).toContain('Set audio encoder: PCMU');
      expect(bob.output).toContain('Set audio encoder: PCMA');
      for (const { transport } of [...ann.messages, ...bob.messages]) expect(transport).toBe('TCP');
      expectOnlyOurAddress(ann, sipPort(), site(0), [site(1)]);
      expectOnlyOurAddress(bob, sipPort(), site(1), [site(0)]);
      expect(shareOfOpeningTone(await ann.heard(), bobHz)).toBeGreaterThan(0.9);
      expect(shareOfOpeningTone(await bob.heard(), annHz)).toBeGreaterThan(0.9);
    });

    test('Ann gives up, Bob declines, then picks up and hands her on to Eve', async () => {
      const bob = await phone(site(1), { name: 'bob', answers: 'manual' });
      const eve = await phone(site(2), { name: 'eve' });
      const ann = await phone(site(0), { name: 'ann', dials: dial('bob', site(0)) });
      await ann.says('180 Ringing');
      await ann.press('b');
      await ann.says('487 Request Terminated');
      ann.command(`/dial ${dial('bob', site(0))}`);
      await ann.says('SIP/2.0 180 Ringing', 2);
      await bob.press('b');
      await ann.says('session closed: 486');
      ann.command(`/dial ${dial('bob', site(0))}`);
      await ann.says('SIP/2.0 180 Ringing', 3);
      await bob.press('a');
      await ann.says('Call established');
      bob.command(`/transfer ${dial('eve', site(1))}`);
      await eve.says('Call established');
      await ann.says('Call established', 2);
      // Told that it worked, Bob leaves.
      await bob.says('SIP/2.0 200 OK', 2);
      await bob.says('BYE sip:');
      await ann.press('b');
      await eve.says('session closed');
      const calls = await waitFor('all four calls to be stored', async () => {
        const { items } = await server.json<{ items: Call[] }>('/api/v1/calls?limit=4');
        return items.every(({ state }) => state === 'ended') ? items.toReversed() : undefined;
      });
      expect(calls.map(({ termination }) => termination?.reason)).toEqual([
        'caller-cancelled',
        'callee-busy',
        'callee-hung-up',
        'caller-hung-up',
      ]);
      expect(calls[2]?.notes).toMatchObject([{ note: 'transfer', detail: 'asked-by-callee' }]);
      expectOnlyOurAddress(ann, sipPort(), site(0), [site(1), site(2)]);
      expectOnlyOurAddress(eve, sipPort(), site(2), [site(0), site(1)]);
    });

    test('a stranger is refused with 403, nothing rings, and no call is kept', async () => {
      const before = await server.json<{ items: unknown[] }>('/api/v1/calls?limit=200');
      const bob = await phone(site(1), { name: 'bob' });
      const stranger = await phone(site(2), { name: 'eve', dials: dial('bob', site(2)) });
      await stranger.says('403 Forbidden');
      await stranger.quit();
      await bob.quit();
      expect(bob.messages).toEqual([]);
      expect((await server.json<{ items: unknown[] }>('/api/v1/calls?limit=200')).items).toHaveLength(
        before.items.length,
      );
    });
  });

  describe('known by name and password', () => {
    beforeAll(async () => {
      server = (await servers[1]) as TestServer;
    });

    test('who has neither is asked for them and nothing rings; who has them gets through', async () => {
      const bob = await phone(site(1), { name: 'bob' });
      const stranger = await phone(site(2), { name: 'eve', dials: dial('bob', site(2)) });
      await stranger.says('SIP/2.0 401');
      await stranger.says('session closed');
      await stranger.quit();
      expect(bob.messages).toEqual([]);

      const ann = await phone(site(0), { name: 'ann', credentials: annsCredentials, dials: dial('bob', site(0)) });
      await ann.says('Call established');
      await bob.says('Call established');
      await ann.press('b');
      await bob.says('session closed');
      expect((await storedCall(ann)).termination?.result).toBe('completed');
    });
  });
});
