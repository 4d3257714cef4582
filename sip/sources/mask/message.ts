import { phraseOf } from '../../engine/core/reasons.ts';
import { maskUri } from './addresses.ts';
import { maskField } from './fields.ts';
import { maskSdp } from './sdp.ts';
import { masked, maskDigits } from './words.ts';
import { maskXml } from './xml.ts';

/** A SIP message for people to read, without what was said, by whom, to whom, and with which keys. Pure. */

const request = /^([A-Za-z0-9\-.!%*_+`'~]{1,40}) (\S+) (SIP\/[\d.]{1,7})$/i;
const response = /^(SIP\/[\d.]{1,7}) (\d{3})(?: (.*))?$/i;

/** `INVITE`, `200 OK`. */
export function summaryOf(text: string): string {
  const line = text.slice(0, lineEnd(text));
  const status = response.exec(line);
  if (status !== null) return `${status[2] ?? ''} ${maskDigits(status[3] ?? phraseOf(Number(status[2])))}`.trim();
  return maskDigits(request.exec(line)?.[1] ?? '?');
}

/** `cut`: the bytes after these are not there. */
export function messageText(text: string, cut: boolean): string {
  const end = text.indexOf('\r\n\r\n');
  const head = unfolded(end === -1 ? text : text.slice(0, end));
  // Of a line that is not there to its end nobody can tell what it is.
  if (end === -1 && cut) head.pop();
  const [first = '', ...lines] = head;
  const shown = [maskStart(first), ...lines.map((line) => maskLine(line))];
  const body = end === -1 ? '' : text.slice(end + 4);
  if (body !== '') {
    const whole = cut ? body.slice(0, body.lastIndexOf('\n') + 1) : body;
    shown.push('', maskBody(contentType(lines), whole, 0));
  }
  if (cut) shown.push('...');
  return shown.join('\n');
}

function lineEnd(text: string): number {
  const end = text.indexOf('\r\n');
  return end === -1 ? text.length : end;
}

function unfolded(head: string): string[] {
  return head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
}

function maskStart(line: string): string {
  const status = response.exec(line);
  if (status !== null) return `${status[1] ?? ''} ${status[2] ?? ''} ${maskDigits(status[3] ?? '')}`.trimEnd();
  const [, method, uri, version] = request.exec(line) ?? [];
  return method === undefined ? masked : `${maskDigits(method)} ${maskUri(uri ?? '')} ${version ?? ''}`;
}

function maskLine(line: string): string {
  const field = /^([A-Za-z0-9\-.!%*_+`'~]{1,80})[ \t]*:[ \t]*(.*)$/.exec(line);
  return field === null ? masked : maskField(field[1] ?? '', (field[2] ?? '').trim());
}

function contentType(lines: readonly string[]): string {
  for (const line of lines) {
    const value = /^(?:content-type|c)[ \t]*:[ \t]*(.*)$/i.exec(line)?.[1];
    if (value !== undefined) return value;
  }
  return '';
}

const deepest = 2;

function maskBody(type: string, body: string, depth: number): string {
  const media = (type.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (media === 'application/sdp') return maskSdp(body);
  if (media.startsWith('application/rs-metadata')) return maskXml(body);
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type);
  const delimiter = boundary?.[1] ?? boundary?.[2];
  if (media.startsWith('multipart/') && delimiter !== undefined && depth < deepest) {
    return maskParts(delimiter, body, depth);
  }
  return `${masked} (${Buffer.byteLength(body)} bytes)`;
}

function maskParts(boundary: string, body: string, depth: number): string {
  const parts = body.split(`--${boundary}`);
  const shown = parts.map((part, index) => {
    const text = part.replace(/^\r?\n/, '');
    if (index === 0 || text.trim() === '') return '';
    if (text.startsWith('--')) return '--';
    const gap = /\r?\n\r?\n/.exec(text);
    // No header: the part begins with the empty line, or lacks it.
    const head = gap === null ? '' : text.slice(0, gap.index).replaceAll(/\r?\n/g, '\r\n');
    const lines = unfolded(head).filter((line) => line !== '');
    const content = gap === null ? text : text.slice(gap.index + gap[0].length);
    return ['', ...lines.map((line) => maskLine(line)), '', maskBody(contentType(lines), content, depth + 1)].join(
      '\n',
    );
  });
  return shown.join(`--boundary`);
}
