import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '#lib/config/schema.ts';
import { silentLogger, type Logger } from '#lib/log.ts';
import { createMetrics, type Metrics } from '#lib/metrics.ts';
import type { LegMediaSettings, MediaCall, RecordPolicy } from '#sip/types.ts';
import { startMediaServer, type MediaServer } from '../server.ts';
import type { MediaEvent } from '../types.ts';
import { Phone, localhost, until } from './phone.ts';

type EventOf<Type extends MediaEvent['type']> = Extract<MediaEvent, { readonly type: Type }>;

export interface MediaBenchOptions {
  readonly ports: string;
  readonly workers?: number;
  readonly quarantineS?: number;
  readonly rtpTimeoutS?: number;
  readonly memoryS?: number;
  readonly silentAfterS?: number;
  readonly asrProcesses?: number;
  readonly dataDir?: string;
  readonly bindAddress?: string;
  readonly logger?: Logger;
}

export interface BenchCall {
  readonly call: MediaCall;
  readonly caller: Phone;
  readonly callee: Phone;
}

/** A media server with a data directory of its own, its events, and calls between phones. */
export class MediaBench {
  readonly media: MediaServer;
  readonly metrics: Metrics;
  readonly dataDir: string;
  readonly events: MediaEvent[] = [];
  readonly troubles: { readonly callId: string; readonly kind: string }[] = [];
  readonly #phones: Phone[] = [];
  #calls = 0;

  private constructor(media: MediaServer, metrics: Metrics, dataDir: string) {
    this.media = media;
    this.metrics = metrics;
    this.dataDir = dataDir;
    media.subscribe((event) => this.events.push(event));
    media.onTrouble((trouble) => this.troubles.push(trouble));
  }

  static async start(options: MediaBenchOptions): Promise<MediaBench> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'sidetone-media-')));
    const config = configSchema.parse({
      dataDir,
      sip: { rtpTimeoutS: options.rtpTimeoutS ?? 60 },
      rtp: { ports: options.ports, workers: options.workers ?? 1, quarantineS: options.quarantineS ?? 0 },
      assurance: { silentAfterS: options.silentAfterS ?? 8 },
      redaction: { memoryS: options.memoryS ?? 120 },
      asr: { processes: options.asrProcesses ?? 1 },
    });
    const metrics = createMetrics();
    const { bindAddress = localhost, logger = silentLogger } = options;
    const media = await startMediaServer({ config, logger, metrics, bindAddress });
    return new MediaBench(media, metrics, dataDir);
  }

  /** A call between two new phones, connected unless `connect` is false. */
  async call(
    options: {
      record?: RecordPolicy;
      caller?: Partial<LegMediaSettings>;
      callee?: Partial<LegMediaSettings>;
    } = {},
  ): Promise<BenchCall> {
    const callId = `call-${process.pid}-${++this.#calls}`;
    const call = await this.media.open({ callId, record: options.record ?? 'redacted-only' });
    const caller = await Phone.create(0x1111);
    const callee = await Phone.create(0x2222);
    this.#phones.push(caller, callee);
    call.update('caller', caller.settings(options.caller));
    call.update('callee', callee.settings(options.callee));
    return { call, caller, callee };
  }

  of<Type extends MediaEvent['type']>(callId: string, type: Type): EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.callId === callId && event.type === type);
  }

  async event<Type extends MediaEvent['type']>(callId: string, type: Type): Promise<EventOf<Type>> {
    await until(() => this.of(callId, type).length > 0, `${type} of ${callId}`);
    return this.of(callId, type)[0] as EventOf<Type>;
  }

  async close(): Promise<void> {
    for (const phone of this.#phones) phone.close();
    await this.media.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
