import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from '#analytics/types.ts';
import { waitFor, type TestServer } from '../server.ts';
import { Baresip, type BaresipOptions } from './baresip.ts';
import { writeToneAndSentence } from './sounds.ts';

/** What Ann and Bob open with, before Ann speaks of a refund and Bob of the weather. */
export const [annHz, bobHz] = [500, 900];

/** baresip phones that each say something of their own, so that it can be told who was heard where. */
export class SpeakingPhones {
  readonly #address: string;
  readonly #sounds: string;
  #open: Baresip[] = [];

  private constructor(address: string, sounds: string) {
    this.#address = address;
    this.#sounds = sounds;
  }

  static async make(address: string): Promise<SpeakingPhones> {
    const sounds = mkdtempSync(join(tmpdir(), 'sidetone-sounds-'));
    await writeToneAndSentence(join(sounds, 'ann.wav'), annHz, 'refund');
    await writeToneAndSentence(join(sounds, 'bob.wav'), bobHz, 'weather');
    return new SpeakingPhones(address, sounds);
  }

  async start(name: 'ann' | 'bob', port: number, more: Partial<BaresipOptions> = {}): Promise<Baresip> {
    const plays = join(this.#sounds, `${name}.wav`);
    const phone = await Baresip.start({ name, address: this.#address, port, plays, ...more });
    this.#open.push(phone);
    return phone;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#open.map((each) => each.close()));
    this.#open = [];
  }

  removeSounds(): void {
    rmSync(this.#sounds, { recursive: true, force: true });
  }
}

export interface CallAnswer extends Call {
  readonly live: boolean;
  readonly metrics: { readonly holdMs: number } | null;
}

/** The newest call, once it is so; one that has ended: once all of it is stored. */
export function latestCall(server: TestServer, state: 'active' | 'ended'): Promise<CallAnswer> {
  return waitFor(`the latest call to be ${state}`, async () => {
    const { items } = await server.json<{ items: Call[] }>('/api/v1/calls?limit=1');
    const call = items[0] && (await server.json<CallAnswer>(`/api/v1/calls/${items[0].callId}`));
    return call?.state === state && (state === 'active' || !call.live) ? call : undefined;
  });
}
