import type { Clock } from '#lib/clock.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { CallSource, SourceNotes } from '#sip/types.ts';
import type { StreamMetrics } from './stream-metrics.ts';

/** For each reason, what the administrator of the sender is to change, in one sentence. docs/pbx has more of each. */
const remedies = {
  'source-not-allowed': 'name its address in audiosocket.allow, sip.allow or the match of a trunk here',
  'uuid-missing': 'send the UUID within five seconds of connecting: AudioSocket(uuid,host:port)',
  'not-audiosocket': 'send AudioSocket frames, the UUID first: something else may be connected to this port',
  'too-many-sockets': 'fewer sockets at once from the sender, or raise audiosocket.maxSockets here',
  'side-taken':
    'the call has a stream of this side: let each socket of a call carry another side, and join only what is one call',
  'pair-too-late': 'open both sockets of a call at once, set audiosocket.pairBy to last-digit, or raise pairWaitS here',
  'format-changed': 'keep one sample rate and codec for the whole stream',
  'unknown-format': 'say format=linear16 or format=twilio in the address',
  'rate-unknown': 'add sampleRate=8000 (what the sender uses) to the address, or sampleRate to the first message',
  'bad-parameter': 'see docs/pbx/streams.md for the parameters of the address and their values',
  'unsupported-encoding': 'let the sender use mu-law, A-law or 16-bit linear sound of 8 to 192 kHz',
  'not-json': 'send JSON messages as Twilio Media Streams does, or use format=linear16 for bare sound',
  'start-missing': 'send the start message within ten seconds of connecting, and before any sound',
  'sound-too-fast': 'send sound as it is spoken; a recording is handed in with sidetone ingest',
  'sound-flood':
    'a minute more than can have been spoken was sent: send sound as it is spoken, recordings by sidetone ingest',
  'last-digit-differs':
    'two sockets whose UUIDs differ in the last digit came as two calls: if they are one, set audiosocket.pairBy to last-digit here',
  'server-draining': 'shutting down: no new calls until it is started again',
  'at-capacity': 'full: add another server, or raise intake.maxCalls here',
  'ports-exhausted': 'out of RTP ports: widen rtp.ports here',
  'media-worker-lost': 'the media thread has failed and is being started again: try again',
  'internal-error': 'see the log of this server at this time',
} as const;
export type RefusalReason = keyof typeof remedies;
export const refusalReasons = Object.keys(remedies) as readonly RefusalReason[];

export function remedyOf(reason: RefusalReason): string {
  return remedies[reason];
}

/** A sender, or what it wants, is turned away. */
export class Refused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'Refused';
    this.reason = reason;
  }
}

/** What a failed `begin` or `addPcm` means to the sender. */
export function refusalOf(thrown: unknown): Refused {
  if (thrown instanceof Refused) return thrown;
  const code = thrown instanceof SidetoneError ? thrown.code : 'internal-error';
  // A fork refuses a side that it has, and a fourth.
  const known =
    code === 'bad-request' ? 'side-taken' : (refusalReasons.find((reason) => reason === code) ?? 'internal-error');
  return new Refused(known, { cause: toError(thrown) });
}

/** Where something comes from. `address`: IP and port. */
export interface StreamOrigin {
  readonly source: Extract<CallSource, 'audiosocket' | 'websocket'>;
  readonly sourceName: string;
  readonly address: string;
}

const logEveryMs = 60_000;
const sendersRemembered = 10_000;

/**
 * What is turned away, or taken although something is wrong with it: counted, told to the book of sources, and logged
 * once a minute for each sender and reason.
 */
export class StreamRefusals {
  readonly #sources: SourceNotes;
  readonly #logger: Logger;
  readonly #metrics: StreamMetrics;
  readonly #clock: Clock;
  readonly #loggedMs = new Map<string, number>();

  constructor(options: {
    readonly sources: SourceNotes;
    readonly logger: Logger;
    readonly metrics: StreamMetrics;
    readonly clock: Clock;
  }) {
    this.#sources = options.sources;
    this.#logger = options.logger;
    this.#metrics = options.metrics;
    this.#clock = options.clock;
  }

  refuse(origin: StreamOrigin, refused: Refused): void {
    this.#tell(origin, refused, 'stream refused');
  }

  /** It goes on, but is hardly what the administrator of the sender means. */
  complain(origin: StreamOrigin, reason: RefusalReason): void {
    this.#tell(origin, new Refused(reason), 'stream taken, with something wrong');
  }

  #tell({ source, sourceName, address }: StreamOrigin, refused: Refused, message: string): void {
    const { reason } = refused;
    const remedy = remedyOf(reason);
    this.#metrics.refused(source, reason);
    this.#sources.refused({ source, sourceName }, address, { reason, remedy });
    const key = `${source} ${sourceName} ${reason}`;
    const nowMs = this.#clock.nowMs();
    if (nowMs - (this.#loggedMs.get(key) ?? -Infinity) < logEveryMs) return;
    if (this.#loggedMs.size >= sendersRemembered) this.#loggedMs.clear();
    this.#loggedMs.set(key, nowMs);
    const err = reason === 'internal-error' ? { err: refused.cause } : {};
    this.#logger.warn({ source, sourceName, address, reason, remedy, ...err }, message);
  }
}
