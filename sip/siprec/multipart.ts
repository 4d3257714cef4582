/**
 * The parts of a SIP message body (RFC 2046 section 5.1, RFC 5621), read as generously as recorder clients need: parts in
 * any order, quoted or bare boundary, CRLF or LF, no last boundary, text before the first and after the last, a stated
 * boundary that is not the one used, none at all, parts without headers. Pure; nothing here throws.
 */
export interface BodyPart {
  /** Lower case, without parameters. What has no type of its own is told by how it begins; empty where it says nothing. */
  readonly type: string;
  /** Value of Content-Disposition, lower case, without parameters; empty where there is none. */
  readonly disposition: string;
  readonly body: string;
}

const maxParts = 16;
const maxDepth = 3;
const maxHeaderLines = 32;

export const sdpType = 'application/sdp';
/** The type of RFC 7865, and the one that RFC 7866 said until RFC 9806 corrected it. */
const metadataTypes: ReadonlySet<string> = new Set(['application/rs-metadata+xml', 'application/rs-metadata']);

/** Says nothing of what the document is. */
const anyXml: ReadonlySet<string> = new Set(['text/xml', 'application/xml']);

export function isMetadata(part: BodyPart): boolean {
  return metadataTypes.has(part.type);
}

/** Every part that is not itself multipart, in order; the whole body as one part when it is not multipart. */
export function readParts(contentType: string | undefined, body: string): readonly BodyPart[] {
  const parts: BodyPart[] = [];
  collect(contentType, '', body, 0, parts);
  return parts;
}

/** Lower case, without parameters. */
export function mediaType(value: string | undefined): string {
  return (value?.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function collect(
  contentType: string | undefined,
  disposition: string,
  body: string,
  depth: number,
  into: BodyPart[],
): void {
  if (into.length >= maxParts || body.trim() === '') return;
  const stated = mediaType(contentType);
  const type = stated === '' || anyXml.has(stated) ? typeByLooks(body) || stated : stated;
  if (!type.startsWith('multipart/')) {
    into.push({ type, disposition, body });
    return;
  }
  if (depth >= maxDepth) return;
  const boundary = boundaryIn(contentType, body);
  if (boundary === undefined) {
    const looks = typeByLooks(body);
    if (looks !== '' && !looks.startsWith('multipart/')) into.push({ type: looks, disposition, body });
    return;
  }
  for (const text of splitAt(boundary, body)) {
    const part = splitHeaders(text);
    collect(
      part.headers.get('content-type'),
      mediaType(part.headers.get('content-disposition')),
      part.body,
      depth + 1,
      into,
    );
  }
}

/** The stated boundary when the body uses it, else the one of its first line that looks like a boundary. */
function boundaryIn(contentType: string | undefined, body: string): string | undefined {
  const match = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec((contentType ?? '').slice(0, 1000));
  const stated = match?.[1] ?? match?.[2];
  if (stated !== undefined && (body.startsWith(`--${stated}`) || body.includes(`\n--${stated}`))) return stated;
  // Dashes of its own included, and more than dashes.
  return /(?:^|\n)--(?=-*[^\s-])([^\s][^\r\n]{0,69}?)[ \t]*(?:\r?\n)/.exec(body)?.[1];
}

/** What lies between the delimiter lines. The line break before a delimiter belongs to it. */
function splitAt(boundary: string, body: string): string[] {
  const delimiter = `--${boundary}`;
  const parts: string[] = [];
  let begin = -1;
  let at = 0;
  while (at < body.length && parts.length < maxParts) {
    const newline = body.indexOf('\n', at);
    const next = newline === -1 ? body.length : newline + 1;
    const kind = body.startsWith(delimiter, at) ? delimiterKind(body.slice(at + delimiter.length, next)) : undefined;
    if (kind !== undefined) {
      if (begin !== -1) parts.push(body.slice(begin, at));
      begin = kind === 'last' ? -1 : next;
      if (kind === 'last') return parts;
    }
    at = next;
  }
  if (begin !== -1 && parts.length < maxParts) parts.push(body.slice(begin));
  return parts;
}

/** Undefined for a line that only begins like the delimiter: another, longer boundary. */
function delimiterKind(rest: string): 'next' | 'last' | undefined {
  const trimmed = rest.trim();
  if (trimmed === '') return 'next';
  return trimmed === '--' ? 'last' : undefined;
}

function splitHeaders(text: string): { readonly headers: ReadonlyMap<string, string>; readonly body: string } {
  const headers = new Map<string, string>();
  let last = '';
  let at = 0;
  for (let lines = 0; lines < maxHeaderLines; lines += 1) {
    const newline = text.indexOf('\n', at);
    const line = text.slice(at, newline === -1 ? text.length : newline).trimEnd();
    const next = newline === -1 ? text.length : newline + 1;
    if (line === '') return { headers, body: text.slice(next) };
    const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64})[ \t]*:[ \t]*(.*)$/.exec(line);
    // Folded (RFC 5322 section 2.2.3).
    if (/^[ \t]/.test(line) && last !== '') headers.set(last, `${headers.get(last) ?? ''} ${line.trim()}`);
    // No header: the part has none, or lacks the empty line after them.
    else if (field === null) return { headers, body: text.slice(at) };
    else {
      last = (field[1] ?? '').toLowerCase();
      if (!headers.has(last)) headers.set(last, field[2] ?? '');
    }
    at = next;
    if (newline === -1) return { headers, body: '' };
  }
  return { headers, body: text.slice(at) };
}

function typeByLooks(body: string): string {
  const text = body.trimStart();
  if (text.startsWith('v=0')) return sdpType;
  if (text.startsWith('--')) return 'multipart/mixed';
  return text.startsWith('<') && /<(?:[\w.-]+:)?recording[\s>]/i.test(text.slice(0, 2000))
    ? 'application/rs-metadata+xml'
    : '';
}
