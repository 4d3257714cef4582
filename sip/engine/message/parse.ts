import { canonicalName, Headers } from './headers.ts';
import { parseCSeq, parseNameAddr, parseVia, splitList, type Via } from './fields.ts';
import type { Essentials, ReceivedRequest, ReceivedResponse } from './message.ts';

/**
 * Bytes to messages, by RFC 3261 section 7 and as strict as safety asks: CRLF lines, one value of each header that
 * may stand once, a body of the length that Content-Length says. Nothing here throws on any input.
 */
export interface BadMessage {
  readonly kind: 'bad';
  readonly why: BadReason;
  /** Set when it is a request with a Via: it can be answered with `status` (never for ACK). */
  readonly answer?: { readonly method: string; readonly headers: Headers; readonly via: Via; readonly status: number };
}

/** Stands in the Reason-Phrase of the 400 and in the counter. */
export const badReasons = {
  'start-line': 'Bad Start Line',
  version: 'Version Not Supported',
  'header-line': 'Bad Header Line',
  via: 'Bad Via',
  'call-id': 'Bad Call-ID',
  cseq: 'Bad CSeq',
  from: 'Bad From',
  to: 'Bad To',
  'content-length': 'Bad Content-Length',
  truncated: 'Body Shorter Than Content-Length',
  empty: 'Empty',
} as const;
export type BadReason = keyof typeof badReasons;

/** A lone CR or LF inside a value would be a line of its own to a laxer reader further on. */
const breaksLine = /[\r\n\0]/;
const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const requestLine = /^([^\s]+) ([^\s]+) SIP\/(\d{1,3}\.\d{1,3})$/i;
/** Blanks too many, or a Request-URI that is none (RFC 4475 sections 3.1.2.7 to 3.1.2.10). */
const brokenLine = /^([^\s]+)\s.*SIP\/(\d{1,3}\.\d{1,3})\s*$/i;
const statusLine = /^SIP\/(\d{1,3}\.\d{1,3}) (\d{3})(?: (.*))?$/i;

export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly version: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string; readonly version: string }
  /** Meant as a request: it can be answered. */
  | { readonly kind: 'broken'; readonly method: string; readonly version: string };

function parseStartLine(line: string): StartLine | undefined {
  const response = statusLine.exec(line);
  if (response !== null) {
    const status = Number(response[2]);
    if (status < 100 || status > 699) return undefined;
    return { kind: 'response', status, reason: response[3] ?? '', version: response[1] ?? '' };
  }
  const request = requestLine.exec(line);
  const [, method = '', uri = '', version = ''] = request ?? [];
  if (request !== null && token.test(method) && !/[<>"]/.test(uri)) return { kind: 'request', method, uri, version };
  const [, meant = '', spoken = ''] = brokenLine.exec(line) ?? [];
  return token.test(meant) ? { kind: 'broken', method: meant, version: spoken } : undefined;
}

/** Where the empty line begins that ends the headers, or -1. */
export function headEnd(bytes: Buffer, from = 0): number {
  return bytes.indexOf('\r\n\r\n', from, 'latin1');
}

export interface Head {
  readonly start: StartLine;
  readonly headers: Headers;
  /** False when a line was no header; the others are kept, so that the request can still be answered. */
  readonly clean: boolean;
}

/** Start line and header lines: `text` ends before the empty line. */
export function parseHead(text: string): Head | undefined {
  let end = text.indexOf('\r\n');
  if (end === -1) end = text.length;
  const start = parseStartLine(text.slice(0, end));
  if (start === undefined) return undefined;
  const headers = new Headers();
  let clean = true;
  while (end < text.length) {
    const from = end + 2;
    end = text.indexOf('\r\n', from);
    if (end === -1) end = text.length;
    const first = text.charCodeAt(from);
    if (first === 0x20 || first === 0x09) {
      const more = text.slice(from, end).trim();
      if (headers.names.length === 0 || breaksLine.test(more)) clean = false;
      else headers.unfold(more);
      continue;
    }
    const colon = text.indexOf(':', from);
    const name = colon === -1 || colon > end ? '' : text.slice(from, colon).trimEnd();
    const value = text.slice(colon + 1, end).trim();
    if (!token.test(name) || breaksLine.test(value)) clean = false;
    else headers.add(canonicalName(name), value);
  }
  return { start, headers, clean };
}

export function parseMessage(bytes: Buffer): ReceivedRequest | ReceivedResponse | BadMessage {
  if (bytes.length === 0) return { kind: 'bad', why: 'empty' };
  const end = headEnd(bytes);
  const head = parseHead(bytes.toString('utf8', 0, end === -1 ? bytes.length : end));
  if (head === undefined) return { kind: 'bad', why: 'start-line' };
  const { start, headers } = head;
  const essentials = readEssentials(start, headers);
  let why = typeof essentials === 'string' ? essentials : undefined;
  if (!head.clean || end === -1) why = 'header-line';
  if (start.kind === 'broken') why = 'start-line';
  if (start.version !== '2.0') why = 'version';
  const body = end === -1 ? 'truncated' : readBody(headers, bytes.subarray(end + 4));
  if (why === undefined && typeof body === 'string') why = body;
  if (why !== undefined || start.kind === 'broken' || typeof essentials === 'string' || typeof body === 'string') {
    return badMessage(start, headers, why ?? 'header-line');
  }
  return start.kind === 'request'
    ? { kind: 'request', method: start.method, uri: start.uri, headers, body, ...essentials }
    : { kind: 'response', status: start.status, reason: start.reason, headers, body, ...essentials };
}

/** Section 18.3: more bytes than the length says are cut off, fewer make the message bad. */
function readBody(headers: Headers, rest: Buffer): Buffer | BadReason {
  const stated = headers.get('Content-Length');
  if (stated === undefined) return rest;
  if (!/^\d{1,9}$/.test(stated) || headers.all('Content-Length').some((other) => other !== stated)) {
    return 'content-length';
  }
  const length = Number(stated);
  return length > rest.length ? 'truncated' : rest.subarray(0, length);
}

/** The topmost Via; a line may hold several values. */
function topVia(headers: Headers): Via | undefined {
  const line = headers.get('Via');
  if (line === undefined) return undefined;
  return parseVia(line.includes(',') ? (splitList(line)[0] ?? '') : line);
}

function readEssentials(start: StartLine, headers: Headers): Essentials | BadReason {
  const via = topVia(headers);
  // Nothing between commas: who knows what was meant (RFC 4475 section 3.1.2.1). An empty parameter harms nobody.
  if (via === undefined || /,\s*(?:[,;]|$)/.test(headers.get('Via') ?? '')) return 'via';
  const callId = headers.get('Call-ID') ?? '';
  if (callId === '' || /\s/.test(callId) || headers.count('Call-ID') > 1) return 'call-id';
  const cseq = parseCSeq(headers.get('CSeq') ?? '');
  if (cseq === undefined || headers.count('CSeq') > 1) return 'cseq';
  if (start.kind !== 'response' && cseq.method !== start.method) return 'cseq';
  const from = parseNameAddr(headers.get('From') ?? '');
  if (from === undefined || headers.count('From') > 1) return 'from';
  const to = parseNameAddr(headers.get('To') ?? '');
  if (to === undefined || headers.count('To') > 1) return 'to';
  return {
    via,
    callId,
    fromTag: from.params['tag'] ?? '',
    toTag: to.params['tag'] ?? '',
    cseq: cseq.number,
    cseqMethod: cseq.method,
  };
}

function badMessage(start: StartLine, headers: Headers, why: BadReason): BadMessage {
  const via = topVia(headers);
  if (start.kind === 'response' || via === undefined || start.method === 'ACK') return { kind: 'bad', why };
  return { kind: 'bad', why, answer: { method: start.method, headers, via, status: why === 'version' ? 505 : 400 } };
}
