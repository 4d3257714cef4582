import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '#lib/clock.ts';
import { configSchema } from '#lib/config/schema.ts';
import { newId } from '#lib/ids.ts';
import { silentLogger } from '#lib/log.ts';
import type { CallIntake, IntakeCall, Party, SourceNotes, TerminationReason } from '#sip/types.ts';
import { startStreams, type Streams } from '../streams/streams.ts';
import type { MediaBench } from './media-bench.ts';

export interface StreamedTestCall {
  readonly callId: string;
  readonly begun: Parameters<CallIntake['begin']>[0];
  parties: readonly Party[];
  readonly notes: string[];
  ended?: TerminationReason;
  /** As the house does: drain, longest duration ... */
  want(reason: TerminationReason): void;
  pause(paused: boolean): void;
}

/** Streams into calls of a real media stage, whose signalling and HTTP server are this. */
export class StreamBench {
  readonly streams: Streams;
  readonly calls: StreamedTestCall[] = [];
  readonly refused: { readonly sourceName: string; readonly reason: string; readonly remedy: string }[] = [];
  readonly seen: { readonly sourceName: string; readonly address: string }[] = [];
  readonly #http: Server;

  private constructor(streams: Streams, http: Server) {
    this.streams = streams;
    this.#http = http;
  }

  /** `refusals`: what `begin` throws, the next first. */
  static async start(
    media: MediaBench,
    audiosocket: Record<string, unknown> = {},
    refusals: Error[] = [],
    httpPort = 0,
  ): Promise<StreamBench> {
    const config = configSchema.parse({
      audiosocket: { port: 0, ...audiosocket },
      sip: { rtpTimeoutS: 2 },
      intake: { maxCalls: 20 },
      pause: { dtmf: { pause: '*71', resume: '*72' } },
    });
    const of: { bench?: StreamBench } = {};
    const sources: SourceNotes = {
      seen: ({ sourceName }, address) => of.bench?.seen.push({ sourceName, address }),
      refused: ({ sourceName }, _address, refusal) => of.bench?.refused.push({ sourceName, ...refusal }),
    };
    const begin: CallIntake['begin'] = async (begun) => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      const { call, handle } = await openCall(media, begun);
      of.bench?.calls.push(call);
      return handle;
    };
    const streams = await startStreams({
      config,
      intake: { begin },
      sources,
      logger: silentLogger,
      metrics: media.metrics,
      clock: systemClock,
    });
    const http = createServer();
    http.on('upgrade', (request, socket, head) =>
      streams.handleUpgrade(request, socket, head, { name: 'pbx', address: '127.0.0.1' }),
    );
    await new Promise<void>((resolve) => {
      http.listen(httpPort, '127.0.0.1', resolve);
    });
    of.bench = new StreamBench(streams, http);
    return of.bench;
  }

  get audioSocketPort(): number {
    return this.streams.audioSocket?.port ?? 0;
  }

  url(path: string): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/api/v1/streams${path}`;
  }

  get call(): StreamedTestCall {
    const [call] = this.calls;
    if (call === undefined) throw new Error('no call has begun');
    return call;
  }

  async close(): Promise<void> {
    await this.streams.close();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
    });
  }
}

async function openCall(
  { media }: MediaBench,
  begun: StreamedTestCall['begun'],
): Promise<{ call: StreamedTestCall; handle: IntakeCall }> {
  const callId = begun.callId ?? newId();
  const fork = await media.openFork({ callId, record: 'redacted-only' });
  media.release(callId, Number.MAX_SAFE_INTEGER, [], []);
  let want: (reason: TerminationReason) => void = () => undefined;
  const call: StreamedTestCall = {
    callId,
    begun,
    parties: begun.parties,
    notes: [],
    want: (reason) => want(reason),
    pause: (paused) => fork.pause(paused),
  };
  const handle: IntakeCall = {
    callId,
    fork,
    answered: () => undefined,
    parties: (parties) => (call.parties = parties),
    leg: () => undefined,
    note: (note, detail) => call.notes.push(`${note} ${detail}`),
    pause: (paused) => fork.pause(paused),
    end: async (how) => {
      if (call.ended !== undefined) return;
      call.ended = typeof how === 'string' ? how : how.reason;
      await fork.close();
      media.finish(callId);
    },
    onEndWanted: (listener) => (want = listener),
  };
  return { call, handle };
}
