import type { PartySide } from '#sip/types.ts';
import type { StreamPeople } from '../../types.ts';
import { personOf } from '../parties.ts';
import { Refused } from '../refusals.ts';

export const streamFormats = ['linear16', 'twilio'] as const;
export type StreamFormat = (typeof streamFormats)[number];

/** What the address says that a sender connects to. Null: nothing. It counts before what the sender's messages say. */
export interface StreamAddress {
  /** Null: the first message shows it. */
  readonly format: StreamFormat | null;
  /** What all sockets of one call have in common. */
  readonly call: string | null;
  /** Of a stream with one channel. */
  readonly side: PartySide | null;
  readonly sampleRateHz: number | null;
  readonly channels: 1 | 2 | null;
  /** The sender's first channel, or inbound track, is the called one's. */
  readonly swap: boolean | null;
  readonly people: StreamPeople;
  readonly sipCallId: string | null;
}

const sides: readonly PartySide[] = ['caller', 'callee', 'other', 'mixed'];

/**
 * `/api/v1/streams?format=linear16&sampleRate=16000&channels=2&call=...`. There are senders that can give no parameters
 * (Twilio): nothing of it is needed.
 * @throws Refused `unknown-format`, `bad-parameter`
 */
export function readAddress(url: string): StreamAddress {
  const { searchParams } = new URL(url, 'ws://here');
  const given = (name: string): string | null => {
    const value = searchParams.get(name)?.trim().slice(0, 256) ?? '';
    return value === '' ? null : value;
  };
  const named = given('format');
  const format = named === null ? null : streamFormats.find((each) => each === named.toLowerCase());
  if (format === undefined) throw new Refused('unknown-format');
  const mixType = given('mixType')?.toLowerCase() ?? null;
  const side = oneOf(given('side') ?? (mixType === 'mixed' ? 'mixed' : null), sides);
  const channels = oneOf(given('channels') ?? (mixType === 'stereo' ? '2' : null), ['1', '2'] as const);
  if (mixType !== null) oneOf(mixType, ['mono', 'mixed', 'stereo']);
  const rate = given('sampleRate');
  const swap = oneOf(given('swap'), ['true', 'false'] as const);
  return {
    format,
    call: given('call'),
    side,
    sampleRateHz: rate === null ? null : rateOf(rate),
    channels: channels === null ? null : channels === '2' ? 2 : 1,
    swap: swap === null ? null : swap === 'true',
    people: { caller: personOf(given('caller')), callee: personOf(given('callee')) },
    sipCallId: given('sipCallId'),
  };
}

/** `16000` or `16k`, 8 to 192 kHz. @throws Refused `bad-parameter` */
function rateOf(text: string): number {
  const rateHz = readRate(text);
  if (rateHz === undefined) throw new Refused('bad-parameter');
  return rateHz;
}

/**
 * The least common multiple with 8 kHz, that of 44.1 and 11.025 kHz: all rates in use have none higher. The filter from
 * one that has takes the media thread, and every call on it, a tenth of a second and more to make.
 */
const highestCommonHz = 3_528_000;

/** Undefined: no rate that can be taken. */
export function readRate(value: unknown): number | undefined {
  const [, digits, thousand] = /^(\d{1,6})(k?)$/i.exec(String(value).trim()) ?? [];
  const rateHz = digits === undefined ? NaN : Number(digits) * (thousand === '' ? 1 : 1000);
  if (!(rateHz >= 8000 && rateHz <= 192_000)) return undefined;
  return (rateHz / greatestCommonDivisor(rateHz, 8000)) * 8000 <= highestCommonHz ? rateHz : undefined;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function oneOf<Value extends string>(value: string | null, known: readonly Value[]): Value | null {
  if (value === null) return null;
  const found = known.find((each) => each === value.toLowerCase());
  if (found === undefined) throw new Refused('bad-parameter');
  return found;
}
