import { openBench, type Bench } from '../../testing/bench.ts';
import type { RawMessage } from '../../testing/raw-message.ts';
import type { Party, PartySide } from '../../types.ts';
import { plainRecording, siprecHeaders } from './bodies.ts';
import { RecordingClient, type ClientInvite } from './recording-client.ts';

/** A server that records, opened anew by each test, with the clients that a test opens to it. */
export class RecorderBench {
  #bench: Bench | undefined;
  readonly #clients: RecordingClient[] = [];

  async open(...options: Parameters<typeof openBench>): Promise<Bench> {
    this.#bench = await openBench(...options);
    return this.#bench;
  }

  get bench(): Bench {
    if (this.#bench === undefined) throw new Error('no bench is open');
    return this.#bench;
  }

  /** After each test. */
  async close(): Promise<void> {
    for (const each of this.#clients) each.answerByes();
    await this.#bench?.close();
    for (const each of this.#clients.splice(0)) await each.close();
  }

  async client(transport: 'udp' | 'tcp' = 'udp'): Promise<RecordingClient> {
    const port = this.bench.server.bindings.find((each) => each.transport === transport)?.port ?? 0;
    const opened = await RecordingClient.open(port, transport);
    this.#clients.push(opened);
    return opened;
  }

  /** A recording that is up. */
  async recording(
    invite: ClientInvite = { headers: siprecHeaders, body: plainRecording() },
  ): Promise<{ readonly src: RecordingClient; readonly ok: RawMessage }> {
    const src = await this.client();
    const ok = await src.invite(invite);
    if (ok.status !== 200) throw new Error(`no recording: ${ok.firstLine}`);
    src.ack();
    await this.#allAnswered();
    return { src, ok };
  }

  async #allAnswered(): Promise<void> {
    const count = (wanted: string): number => this.bench.events.filter(({ type }) => type === wanted).length;
    for (const untilMs = performance.now() + 5000; count('answered') < count('ringing');) {
      if (performance.now() > untilMs) throw new Error('a recording did not come up');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  notes(): string[] {
    return this.bench.events.flatMap((event) => (event.type === 'note' ? [`${event.note} ${event.detail}`] : []));
  }

  parties(): readonly Party[] {
    const told = this.bench.events.flatMap((event) =>
      event.type === 'ringing' || event.type === 'parties' ? [event.parties] : [],
    );
    return told.at(-1) ?? [];
  }

  who(): unknown[] {
    return this.parties().map(({ side, uri, leftMs }) => [side, uri, leftMs === null ? 'here' : 'left']);
  }

  /** Are packets of this side to be expected? */
  expected(side: PartySide): boolean | undefined {
    return this.bench.media.lastFork.stream(side).settings?.expected;
  }
}

/** Of the lines of a description, in their order. */
export function directions(message: RawMessage): string[] {
  return message.sdp('a=').filter((each) => /=(?:sendrecv|sendonly|recvonly|inactive)$/.test(each));
}
