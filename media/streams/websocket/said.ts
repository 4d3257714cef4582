import type { StreamPeople } from '../../types.ts';
import { personOf } from '../parties.ts';
import { readRate } from './address.ts';

/**
 * What senders say of a call, each in words of its own: mod_audio_fork and mod_audio_stream (whatever their user put
 * in), jambonz, Vonage, Twilio, Telnyx, Plivo, Exotel, SignalWire. Names are compared without case and `_ - .`.
 */
export interface Said {
  /** What the sender calls the call; the first joins its sockets. */
  readonly callIds: readonly string[];
  readonly people: StreamPeople;
  /** The sender placed the call: its first channel, or inbound track, is the called one. */
  readonly outbound: boolean;
  readonly sampleRateHz: number | undefined;
  readonly encoding: string | undefined;
  /** `mono`, `mixed`, `stereo`, or a number of channels. */
  readonly layout: string | undefined;
}

type Fields = ReadonlyMap<string, string>;

/** In order: what is a call's before what is a session's. `callid` is the SIP Call-ID with jambonz. */
const callIdNames = [
  'callsid',
  'callcontrolid',
  'calluuid',
  'conversationuuid',
  'callid',
  'uuid',
  'sipcallid',
  'callsessionid',
] as const;
const callerNames = ['from', 'caller', 'callernumber', 'calleridnumber', 'callerid', 'ani'] as const;
const calleeNames = ['to', 'callee', 'called', 'callednumber', 'destinationnumber', 'dnis'] as const;
const mostFields = 200;
const longestText = 256;

export function readSaid(json: unknown): Said {
  const fields = new Map<string, string>();
  collect(json, fields, 0);
  const first = (names: readonly string[]): string | undefined => {
    for (const name of names) if (fields.has(name)) return fields.get(name);
    return undefined;
  };
  return {
    callIds: [...new Set(callIdNames.flatMap((name) => fields.get(name) ?? []))],
    people: { caller: personOf(first(callerNames)), callee: personOf(first(calleeNames)) },
    outbound: /^outbound/i.test(fields.get('direction') ?? ''),
    sampleRateHz: readRate(first(['samplerate', 'samplingrate', 'rate']) ?? rateInType(fields)),
    encoding: first(['encoding', 'codec']) ?? fields.get('contenttype'),
    layout: first(['mixtype', 'channels'])?.toLowerCase(),
  };
}

/** `audio/l16;rate=16000` (RFC 2586). */
function rateInType(fields: Fields): string | undefined {
  return /rate=(\d+)/i.exec(fields.get('contenttype') ?? fields.get('encoding') ?? '')?.[1];
}

/** Outer fields count before inner ones. */
function collect(json: unknown, into: Map<string, string>, depth: number): void {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || depth > 3) return;
  const inner: unknown[] = [];
  for (const [key, value] of Object.entries(json)) {
    if (into.size >= mostFields) return;
    const name = key.toLowerCase().replaceAll(/[_.-]/g, '');
    if (typeof value === 'object') inner.push(value);
    else if ((typeof value === 'string' || typeof value === 'number') && !into.has(name)) {
      into.set(name, String(value).slice(0, longestText));
    }
  }
  for (const each of inner) collect(each, into, depth + 1);
}
