import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { TakenFormat } from './audio-formats.ts';
import { directionOf, sends, type Direction } from './description.ts';
import type { OfferedAudio, OfferedLine } from './offer.ts';

/** One line as we describe it. `rtpPort` 0: refused, or switched off. */
export interface DescribedLine {
  readonly offered: OfferedLine;
  readonly rtpPort: number;
}

/**
 * Our half of a recording session: one `o=` id for its life, its version raised by one whenever the text changes
 * (RFC 3264 section 8), and every m-line answered in its place with all the formats that we take.
 */
export class RecorderDescription {
  readonly #id = String(randomInt(1, 2 ** 47));
  /** `IN IP4 192.0.2.1` */
  readonly #at: string;
  #version = 0;
  #body = '';

  /** `address`: ours, as the client reaches it. */
  constructor(address: string) {
    this.#at = `IN ${isIPv6(address) ? 'IP6' : 'IP4'} ${address}`;
  }

  /** The whole description as last sent; empty before the first. */
  get last(): string {
    return this.#body === '' ? '' : `v=0\r\no=sidetone ${this.#id} ${this.#version} ${this.#at}\r\n${this.#body}`;
  }

  write(lines: readonly DescribedLine[]): string {
    const text = ['s=-', `c=${this.#at}`, 't=0 0', ...lines.flatMap((line) => lineText(line))];
    const body = `${text.join('\r\n')}\r\n`;
    if (body !== this.#body) this.#version += 1;
    this.#body = body;
    return this.last;
  }
}

function lineText({ offered, rtpPort }: DescribedLine): string[] {
  const { audio } = offered;
  const label = offered.label === null ? [] : [`a=label:${offered.label}`];
  if (audio === null || rtpPort === 0) return [`m=${offered.kind} 0 ${offered.protocol} ${offered.formats}`, ...label];
  const numbers = audio.formats.map(({ payloadType }) => payloadType).join(' ');
  return [
    `m=audio ${rtpPort} ${offered.protocol} ${numbers}`,
    ...audio.formats.flatMap(formatText),
    ...(audio.ptimeMs === null ? [] : [`a=ptime:${audio.ptimeMs}`]),
    ...(audio.maxptimeMs === null ? [] : [`a=maxptime:${audio.maxptimeMs}`]),
    ...(audio.rtcpMux ? ['a=rtcp-mux'] : []),
    ...label,
    `a=${answeredDirection(audio)}`,
  ];
}

function formatText({ payloadType, rtpmap, events }: TakenFormat): string[] {
  const map = `a=rtpmap:${payloadType} ${rtpmap}`;
  return events === null ? [map] : [map, `a=fmtp:${payloadType} ${events}`];
}

/** We receive and never send (RFC 7866 section 7.2); what cannot be sent to us is inactive. */
export function answeredDirection({ direction }: OfferedAudio): Direction {
  return directionOf(false, sends(direction));
}
