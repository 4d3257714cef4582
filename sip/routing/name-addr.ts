/** From, To, Contact, Refer-To, P-Asserted-Identity ...: a display name, a URI, and what follows it. */
export interface NameAddr {
  /** Without quotes; empty where there is none. */
  readonly displayName: string;
  readonly uri: string;
  /** Header parameters, names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Reads the first value of the header. Strangers choose the text before anybody asks who they are: each pattern here
 * takes time in proportion to its length (no two of its repetitions can take the same characters).
 * @returns undefined when it is none.
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  const bracketed = /^\s*(?:"((?:[^"\\]|\\.)*)"\s*|([^"<\s][^"<]*)?)<([^>]*)>([^,]*)/.exec(text);
  if (bracketed !== null) {
    const [, quoted, plain = '', uri = '', rest = ''] = bracketed;
    return {
      displayName: quoted === undefined ? plain.trimEnd() : quoted.replaceAll(/\\(.)/g, '$1'),
      uri: uri.trim(),
      parameters: parametersOf(rest),
    };
  }
  // RFC 3261 section 20: without angle brackets, what follows a semicolon belongs to the header.
  const bare = /^\s*([a-z][a-z0-9+.-]*:[^\s;,?<>]+)([^,]*)/i.exec(text);
  if (bare === null) return undefined;
  return { displayName: '', uri: bare[1] ?? '', parameters: parametersOf(bare[2] ?? '') };
}

function parametersOf(text: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const match of text.matchAll(/;\s*([^\s;=]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;]+))?/g)) {
    parameters[(match[1] ?? '').toLowerCase()] = (match[2] ?? '').replaceAll(/^"|"$/g, '');
  }
  return parameters;
}

export function formatNameAddr(displayName: string, uri: string): string {
  return displayName === '' ? `<${uri}>` : `"${displayName.replaceAll(/["\\]/g, '\\$&')}" <${uri}>`;
}
