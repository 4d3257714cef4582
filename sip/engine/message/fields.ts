/** Readers for the few header fields that the engine itself must understand (RFC 3261 section 25). */

/** `;a=b;c` to a record: names lower-cased, values unquoted, '' for a parameter without value. */
export type Params = Readonly<Record<string, string>>;

export interface Via {
  /** Upper case: UDP, TCP. */
  readonly transport: string;
  readonly host: string;
  /** Undefined where the sent-by names no port. */
  readonly port: number | undefined;
  readonly params: Params;
  /** '' when absent. */
  readonly branch: string;
}

const noParams: Params = Object.freeze(Object.create(null) as Record<string, string>);

/** Where the next `wanted` character stands outside quotes and angle brackets, or the text's length. */
function scan(text: string, wanted: string, from: number): number {
  let quoted = false;
  let bracketed = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (bracketed) bracketed = char !== '>';
    else if (char === wanted) return at;
    else if (char === '<') bracketed = true;
  }
  return text.length;
}

/** The values of a comma-separated header, or what another separator parts. */
export function splitList(text: string, separator = ','): string[] {
  const parts: string[] = [];
  for (let from = 0; from <= text.length;) {
    const end = scan(text, separator, from);
    const part = text.slice(from, end).trim();
    if (part !== '') parts.push(part);
    from = end + 1;
  }
  return parts;
}

export function parseParams(text: string): Params {
  if (text === '') return noParams;
  const params = Object.create(null) as Record<string, string>;
  for (let from = 0; from < text.length;) {
    const end = scan(text, ';', from);
    const part = text.slice(from, end);
    const equals = part.indexOf('=');
    const name = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals === -1 ? '' : part.slice(equals + 1).trim();
    if (name !== '') params[name] = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value;
    from = end + 1;
  }
  return params;
}

/** Of any version: a request of another is answered too (505). */
const viaStart =
  /^SIP\s*\/\s*\d{1,3}\.\d{1,3}\s*\/\s*([A-Za-z0-9-]+)\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?:\s*:\s*(\d{1,5}))?$/;

/** One Via value (section 20.42). Undefined where it is none. */
export function parseVia(value: string): Via | undefined {
  const semicolon = value.indexOf(';');
  const start = viaStart.exec((semicolon === -1 ? value : value.slice(0, semicolon)).trimEnd());
  if (start === null) return undefined;
  const port = start[3] === undefined ? undefined : Number(start[3]);
  if (port !== undefined && (port === 0 || port > 65_535)) return undefined;
  const params = semicolon === -1 ? noParams : parseParams(value.slice(semicolon + 1));
  return {
    transport: (start[1] ?? '').toUpperCase(),
    host: start[2] ?? '',
    port,
    params,
    branch: params['branch'] ?? '',
  };
}

export interface NameAddr {
  readonly uri: string;
  /** Of the header, not of the URI. */
  readonly params: Params;
}

/** `"Name" <uri>;params` or `uri;params` (section 20.10: without brackets every parameter is the header's). */
export function parseNameAddr(value: string): NameAddr | undefined {
  const paramsAt = scan(value, ';', 0);
  const address = value.slice(0, paramsAt);
  const params = parseParams(value.slice(paramsAt + 1));
  const open = scan(address, '<', 0);
  if (open === address.length) {
    const uri = address.trim();
    return uri === '' || /[\s"<>]/.test(uri) ? undefined : { uri, params };
  }
  const close = address.indexOf('>', open);
  const uri = close === -1 ? '' : address.slice(open + 1, close).trim();
  return uri === '' || /\s/.test(uri) ? undefined : { uri, params };
}

/** The URI of the first value of a Contact, Route or Record-Route header. */
export function firstUri(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return parseNameAddr(value.slice(0, scan(value, ',', 0)))?.uri;
}

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

export function parseCSeq(value: string): CSeq | undefined {
  const match = /^(\d{1,10})\s+([^\s]+)$/.exec(value);
  if (match === null) return undefined;
  const number = Number(match[1]);
  return number > 0xff_ff_ff_ff ? undefined : { number, method: match[2] ?? '' };
}

/** Does a list of option tags (Require, Supported, Allow) hold this one? */
export function listsToken(values: readonly string[], token: string): boolean {
  const wanted = token.toLowerCase();
  return values.some((value) => value.split(',').some((part) => part.trim().toLowerCase() === wanted));
}
