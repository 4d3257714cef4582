import { XMLParser } from 'fast-xml-parser';

/** The one place that knows fast-xml-parser. Names are local: prefixes and namespaces are taken off. */
export interface XmlElement {
  /** Local name, lower case: clients write `dataMode` and `datamode`. */
  readonly name: string;
  /** Names local and lower case. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, entities resolved, trimmed. */
  readonly text: string;
}

/** Why a document is not read. `forbidden`: it has a DOCTYPE, which is how entity bombs and external entities come in. */
export type XmlProblem = 'malformed' | 'forbidden' | 'too-large' | 'too-deep';
export type XmlResult =
  { readonly ok: true; readonly root: XmlElement } | { readonly ok: false; readonly problem: XmlProblem };

const maxChars = 64_000;
const maxDepth = 32;
const maxTextChars = 512;

const attributesKey = ':@';
const textKey = '#text';

/** Reads a document. A missing end tag or a stray `&` does not lose the rest. Never throws. */
export function readXml(text: string): XmlResult {
  if (text.length > maxChars) return { ok: false, problem: 'too-large' };
  // Nothing that RFC 7865 describes needs one, whatever it declares.
  if (/<!\s*(?:DOCTYPE|ENTITY)/i.test(text)) return { ok: false, problem: 'forbidden' };
  if (deepest(text) > maxDepth) return { ok: false, problem: 'too-deep' };
  let nodes: unknown;
  try {
    nodes = parser().parse(text.trimStart());
  } catch {
    return { ok: false, problem: 'malformed' };
  }
  const root = childrenOf(nodes)[0];
  return root === undefined ? { ok: false, problem: 'malformed' } : { ok: true, root };
}

/** Made for each document: the parser keeps state between them. */
function parser(): XMLParser {
  return new XMLParser({
    preserveOrder: true,
    removeNSPrefix: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    allowBooleanAttributes: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    // The five predefined ones and character references are resolved below: the parser knows no others that way.
    processEntities: false,
  });
}

/** How deep elements are nested at the most, found before the parser is let near them. */
function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at + 1)) {
    const next = text[at + 1];
    if (next === '/') depth -= 1;
    else if (next !== '!' && next !== '?') {
      const end = text.indexOf('>', at);
      if (end === -1) return most;
      if (text[end - 1] !== '/') most = Math.max(most, (depth += 1));
    }
  }
  return most;
}

/** Of the parser's ordered form: `[{ name: [children], ':@': { attribute: value } }, { '#text': text }]`. */
function childrenOf(nodes: unknown): XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: unknown) => {
    if (!isRecord(node)) return [];
    const name = Object.keys(node).find((key) => key !== attributesKey);
    if (name === undefined || name === textKey) return [];
    return [
      {
        name: name.toLowerCase(),
        attributes: attributesOf(node[attributesKey]),
        children: childrenOf(node[name]),
        text: textOf(node[name]),
      },
    ];
  });
}

function textOf(nodes: unknown): string {
  if (!Array.isArray(nodes)) return '';
  const texts = nodes.flatMap((node: unknown) => {
    const text = isRecord(node) ? node[textKey] : undefined;
    return typeof text === 'string' ? [text] : [];
  });
  return decode(texts.join(' ').trim());
}

function attributesOf(given: unknown): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
  if (!isRecord(given)) return attributes;
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string') attributes[name.toLowerCase()] = decode(value.trim());
  }
  return attributes;
}

const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (typeof name === 'string') return predefined[name.toLowerCase()] ?? whole;
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    const allowed = code >= 0x20 && code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff);
    return allowed ? String.fromCodePoint(code) : '';
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function* descendants(element: XmlElement): Iterable<XmlElement> {
  for (const each of element.children) {
    yield each;
    yield* descendants(each);
  }
}

/** As much of a text as is worth keeping. */
export function bounded(text: string): string {
  return text.slice(0, maxTextChars);
}
