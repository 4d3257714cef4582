import type { PcmStreamFormat } from '#sip/types.ts';
import { readSaid, type Said } from './said.ts';

/** The messages of Twilio Media Streams, and of those who copy it in their own spelling. */
export type StreamMessage =
  | { readonly type: 'start'; readonly said: Said; readonly format: PcmStreamFormat | undefined }
  | {
      readonly type: 'media';
      readonly track: Track;
      /** Counts from 1 on each track; null: not given. */
      readonly chunk: number | null;
      /** ms since the stream began, or since 1970: differences count. Null: not given. */
      readonly timestampMs: number | null;
      readonly payload: Buffer;
    }
  /** `spelled`: which key, as the sender writes it. */
  | { readonly type: 'key'; readonly track: Track; readonly durationMs: number; readonly spelled: unknown }
  | { readonly type: 'stop' }
  /** Known, and nothing to us: `connected`, `mark` ... */
  | { readonly type: 'other' };
export type Track = 'inbound' | 'outbound';

const defaultKeyMs = 100;
const longestKeyMs = 10_000;

/** A JSON object, as far as any of its fields is looked at here. */
export interface Loose {
  readonly event?: unknown;
  readonly type?: unknown;
  readonly media?: unknown;
  readonly dtmf?: unknown;
  readonly track?: unknown;
  readonly chunk?: unknown;
  readonly timestamp?: unknown;
  readonly payload?: unknown;
  readonly duration?: unknown;
  readonly digit?: unknown;
}

/** Whether a stream begins so: `connected`, or `start` where that is left out. */
export function isJsonMedia(text: string): boolean {
  const event = parseObject(text)?.event;
  return event === 'connected' || event === 'start';
}

/** Undefined: not a message of this kind. */
export function readMessage(text: string): StreamMessage | undefined {
  const message = parseObject(text);
  if (message === undefined || typeof message.event !== 'string') return undefined;
  switch (message.event) {
    case 'start': {
      const said = readSaid(message);
      return { type: 'start', said, format: formatOf(said) };
    }
    case 'media':
      return readMedia(message.media);
    case 'dtmf': {
      const { track, duration, digit } = isLoose(message.dtmf) ? message.dtmf : message;
      return { type: 'key', track: trackOf(track), durationMs: keyDurationMs(duration), spelled: digit };
    }
    case 'stop':
    case 'closed':
      return { type: 'stop' };
    default:
      return { type: 'other' };
  }
}

function readMedia(media: unknown): StreamMessage | undefined {
  if (!isLoose(media) || typeof media.payload !== 'string') return undefined;
  return {
    type: 'media',
    track: trackOf(media.track),
    chunk: numberOf(media.chunk),
    timestampMs: numberOf(media.timestamp),
    payload: Buffer.from(media.payload, 'base64'),
  };
}

/** Undefined: an encoding that is not taken. Without a word mu-law at 8 kHz, as Twilio has it. */
function formatOf({ encoding = 'mulaw', sampleRateHz = 8000 }: Said): PcmStreamFormat | undefined {
  const [, name = ''] = /^(?:audio\/)?(?:x-)?([a-z0-9]+)/.exec(encoding.toLowerCase()) ?? [];
  const known = encodings.get(name);
  return known === undefined ? undefined : { encoding: known, sampleRateHz };
}

const encodings: ReadonlyMap<string, PcmStreamFormat['encoding']> = new Map([
  ['mulaw', 'pcmu'],
  ['ulaw', 'pcmu'],
  ['pcmu', 'pcmu'],
  ['alaw', 'pcma'],
  ['pcma', 'pcma'],
  ['l16', 'linear16'],
  ['linear16', 'linear16'],
  ['pcm16', 'linear16'],
  ['raw', 'linear16'],
]);

/** Twilio says `inbound`, or `inbound_track` with keys. Whoever has one track need not name it. */
function trackOf(track: unknown): Track {
  return typeof track === 'string' && track.startsWith('outbound') ? 'outbound' : 'inbound';
}

/** ms that a key was held; most senders do not say. */
export function keyDurationMs(duration: unknown): number {
  return Math.min(numberOf(duration) ?? defaultKeyMs, longestKeyMs);
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN;
  return Number.isFinite(number) && number >= 0 ? number : null;
}

/** Undefined: no JSON object. */
export function parseObject(text: string): Loose | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLoose(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
