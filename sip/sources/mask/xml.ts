import { maskUri } from './addresses.ts';
import { masked, maskUnlessId } from './words.ts';

/** One after another; what is none of these is text. Each takes time in proportion to its length. */
const tokens =
  /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<[!?](?:"[^"]*"|'[^']*'|[^<>"'])*>|<(?:"[^"]*"|'[^']*'|[^<>"'])*>|[^<]+|</g;
const attribute = /([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** rs-metadata (RFC 7865): what binds its parts together, not what they say. By local name. */
const idAttributes: ReadonlySet<string> = new Set([
  'id',
  'session',
  'session_id',
  'participant_id',
  'stream_id',
  'group_id',
  'lang',
]);
const idElements: ReadonlySet<string> = new Set(
  'label datamode mode send recv stream session participant group group-ref sipSessionID'.split(' '),
);
const timeElements: ReadonlySet<string> = new Set('start-time stop-time associate-time disassociate-time'.split(' '));

/** Tags, identifiers and times of an XML body; names, addresses and every other text are masked. */
export function maskXml(text: string): string {
  let shown = '';
  let element = '';
  for (const [token] of text.matchAll(tokens)) {
    if (!token.startsWith('<')) {
      shown += maskText(element, token);
    } else if (token.startsWith('<?xml')) shown += '<?xml?>';
    else if (/^<[!?]/.test(token)) shown += `<!-- ${masked} -->`;
    else {
      const name = /^<(\/?[A-Za-z_][\w:.-]{0,80})/.exec(token)?.[1];
      element = name === undefined || name.startsWith('/') ? '' : localName(name);
      shown += name === undefined ? masked : `<${name}${maskAttributes(token)}${token.endsWith('/>') ? '/' : ''}>`;
    }
  }
  return shown;
}

function maskText(element: string, text: string): string {
  const value = text.trim();
  if (value === '') return text;
  if (idElements.has(element)) return maskUnlessId(value);
  return timeElements.has(element) && /^[\d:.TZ+-]{8,40}$/.test(value) ? value : masked;
}

function maskAttributes(tag: string): string {
  let shown = '';
  for (const [, name = '', double, single] of tag.matchAll(attribute)) {
    const value = double ?? single ?? '';
    const local = localName(name);
    if (name.startsWith('xmlns')) shown += ` ${name}="${/^urn:[\w:.-]{1,80}$/.test(value) ? value : masked}"`;
    else if (local === 'aor') shown += ` ${name}="${maskUri(value)}"`;
    else shown += ` ${name}="${idAttributes.has(local) ? maskUnlessId(value) : masked}"`;
  }
  return shown;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
