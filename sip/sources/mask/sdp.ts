import { masked, maskDigits } from './words.ts';

/** Attributes that say how the media is to flow. Keys (crypto, ice-pwd ...) and what nobody knows are not among them. */
const attributes: ReadonlySet<string> = new Set(
  (
    'rtpmap fmtp ptime maxptime sendrecv sendonly recvonly inactive label mid group rtcp rtcp-mux rtcp-fb candidate ' +
    'setup content record silenceSupp extmap fingerprint T38FaxVersion T38MaxBitRate'
  ).split(' '),
);

/** A session description without who it is of and without keys. */
export function maskSdp(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => maskLine(line))
    .join('\n');
}

function maskLine(line: string): string {
  if (line === '') return line;
  const value = line.slice(2);
  switch (line.slice(0, 2)) {
    case 'v=':
    case 't=':
    case 'b=':
      return /^[\w:. +-]{1,64}$/.test(value) ? line : `${line.slice(0, 2)}${masked}`;
    case 'm=':
      return /^[\w-]{1,32} [\d/]{1,16} [\w/-]{1,64}(?: [\w*.-]{1,64})*$/.test(value) ? line : `m=${masked}`;
    case 'c=':
      return /^IN IP[46] [\w.:/-]{1,255}$/.test(value) ? line : `c=${masked}`;
    case 'o=': {
      const rest = /^\S+( \d{1,20} \d{1,20} IN IP[46] [\w.:-]{1,255})$/.exec(value)?.[1];
      return `o=${masked}${rest ?? ''}`;
    }
    case 's=':
      return value === '-' ? line : `s=${masked}`;
    case 'a=':
      return maskAttribute(value);
    default:
      return /^[a-z]=/.test(line) ? `${line.slice(0, 2)}${masked}` : masked;
  }
}

function maskAttribute(value: string): string {
  const colon = value.indexOf(':');
  const name = colon === -1 ? value : value.slice(0, colon);
  if (attributes.has(name)) return `a=${value.slice(0, 256)}`;
  // Its cname is often the user at the host.
  if (name === 'ssrc') return `a=ssrc:${/^\d{1,10}/.exec(value.slice(5))?.[0] ?? ''} ${masked}`;
  if (!/^[\w-]{1,40}$/.test(name)) return `a=${masked}`;
  return colon === -1 ? `a=${maskDigits(name)}` : `a=${maskDigits(name)}:${masked}`;
}
