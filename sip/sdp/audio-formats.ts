import type { ParsedMedia } from 'sdp-transform';
import type { AudioCodec, ForkStreamSettings } from '../types.ts';
import { eventsOf, payloadsOf } from './read-lines.ts';

export interface TakenFormat {
  readonly payloadType: number;
  readonly carries: ForkStreamSettings['formats'][number]['carries'];
  readonly clockRateHz: number;
  /** What a=rtpmap says after the number. */
  readonly rtpmap: string;
  /** Events of a telephone-event's a=fmtp; null elsewhere. */
  readonly events: string | null;
}

export function isAudio(carries: TakenFormat['carries']): carries is AudioCodec {
  return carries !== 'comfort-noise' && carries !== 'telephone-event';
}

/** RFC 3551 section 6. */
const staticMaps: Readonly<Record<number, string>> = {
  0: 'PCMU/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
  13: 'CN/8000',
};
/** Known and not taken, named for the log. */
export const refusedStatic: Readonly<Record<number, readonly string[]>> = {
  3: ['GSM'],
  4: ['G723'],
  15: ['G728'],
  18: ['G729'],
};

/**
 * All that can be taken: rtpengine gives up a recording whose answer lacks a codec that it was offered and needs.
 * telephone-event is taken at the clock rates of the codecs taken (RFC 4733 section 2.1).
 */
export function takenFormats(media: ParsedMedia): TakenFormat[] {
  const taken: TakenFormat[] = [];
  for (const payloadType of payloadsOf(media)) {
    const map = media.rtp.find(({ payload }) => payload === payloadType);
    const rtpmap = map === undefined ? staticMaps[payloadType] : rtpmapOf(map);
    if (rtpmap === undefined || taken.some((each) => each.payloadType === payloadType)) continue;
    const format = formatOf(payloadType, rtpmap, eventsOf(media, payloadType));
    if (format !== undefined) taken.push(format);
  }
  const rates = new Set(taken.flatMap(({ carries, clockRateHz }) => (isAudio(carries) ? [clockRateHz] : [])));
  return taken.filter(({ carries, clockRateHz }) => carries !== 'telephone-event' || rates.has(clockRateHz));
}

function rtpmapOf({ codec, rate, encoding }: ParsedMedia['rtp'][number]): string {
  return `${codec}/${rate ?? 8000}${encoding === undefined ? '' : `/${encoding}`}`;
}

function formatOf(payloadType: number, rtpmap: string, events: string): TakenFormat | undefined {
  const [name = '', rate = '', channels = '1'] = rtpmap.toLowerCase().split('/');
  const clockRateHz = Number(rate);
  const as = (carries: TakenFormat['carries']): TakenFormat => {
    return { payloadType, carries, clockRateHz, rtpmap, events: carries === 'telephone-event' ? events : null };
  };
  if (name === 'opus') return clockRateHz === 48_000 && channels === '2' ? as('opus') : undefined;
  if (channels !== '1') return undefined;
  if (name === 'telephone-event') return clockRateHz > 0 ? as('telephone-event') : undefined;
  if (clockRateHz !== 8000) return undefined;
  if (name === 'pcmu' || name === 'pcma' || name === 'g722') return as(name);
  return name === 'cn' ? as('comfort-noise') : undefined;
}
