/** RFC 3261 section 7.3.3 and the registry of compact forms (RFC 3265, 3515, 3841, 3892, 4028, 4474, 4538, 5627). */
const compactForms: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

const commonNames = [
  'Accept Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authorization Call-ID Call-Info Contact',
  'Content-Disposition Content-Encoding Content-Language Content-Length Content-Type CSeq Date Diversion Error-Info',
  'Event Expires From History-Info Identity In-Reply-To Max-Forwards MIME-Version Min-Expires Min-SE Organization',
  'P-Asserted-Identity P-Preferred-Identity Path Priority Privacy Proxy-Authenticate Proxy-Authorization',
  'Proxy-Require RAck Reason Record-Route Refer-To Referred-By Remote-Party-ID Replaces Reply-To Require Retry-After',
  'Route RSeq Server Service-Route Session-Expires Session-ID SIP-ETag SIP-If-Match Subject Subscription-State',
  'Supported Timestamp To Unsupported User-Agent User-to-User Via Warning WWW-Authenticate',
]
  .join(' ')
  .split(' ');

/** Every spelling met often, to the one that the engine uses inside and writes: found without making a string. */
const canonicalNames = new Map<string, string>([
  ...commonNames.flatMap((name): [string, string][] => [
    [name, name],
    [name.toLowerCase(), name],
  ]),
  ...Object.entries(compactForms),
]);

/** The one spelling of a header name. Unknown names stay as they are, lower-case ones get capitals. */
export function canonicalName(name: string): string {
  const known = canonicalNames.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  return canonicalNames.get(lower) ?? (name === lower ? name.replace(/(^|-)[a-z]/g, (s) => s.toUpperCase()) : name);
}

/**
 * A message's header lines in order, unfolded, under canonical names. Lookups compare names exactly: ask with the
 * spelling that `canonicalName` gives.
 */
export class Headers {
  readonly names: string[] = [];
  readonly values: string[] = [];

  add(name: string, value: string): this {
    this.names.push(name);
    this.values.push(value);
    return this;
  }

  /** The first line of that name. */
  get(name: string): string | undefined {
    const at = this.names.indexOf(name);
    return at === -1 ? undefined : this.values[at];
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  all(name: string): string[] {
    const found: string[] = [];
    for (let at = 0; at < this.names.length; at += 1) {
      if (this.names[at] === name) found.push(this.values[at] ?? '');
    }
    return found;
  }

  count(name: string): number {
    let found = 0;
    for (const each of this.names) if (each === name) found += 1;
    return found;
  }

  /** Replaces the first line of that name, or adds one. */
  set(name: string, value: string): this {
    const at = this.names.indexOf(name);
    if (at === -1) return this.add(name, value);
    this.values[at] = value;
    return this;
  }

  /** Adds every line of `name` that `other` has. */
  copy(name: string, other: Headers): this {
    for (let at = 0; at < other.names.length; at += 1) {
      if (other.names[at] === name) this.add(name, other.values[at] ?? '');
    }
    return this;
  }

  /** Lengthens the last line: folding, RFC 3261 section 7.3.1. */
  unfold(more: string): void {
    const last = this.values.length - 1;
    this.values[last] = `${this.values[last] ?? ''} ${more}`.trim();
  }

  toString(): string {
    let text = '';
    for (let at = 0; at < this.names.length; at += 1) text += `${this.names[at] ?? ''}: ${this.values[at] ?? ''}\r\n`;
    return text;
  }
}
