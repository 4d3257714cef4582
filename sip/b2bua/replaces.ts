/** The Replaces header (RFC 3891) across a B2BUA: each leg has dialog identifiers of its own. Pure. */
export interface DialogIdentifiers {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

/** A leg and, once it exists, the other leg of its call. */
export interface LegIdentifiers {
  readonly own: DialogIdentifiers;
  readonly other: DialogIdentifiers | undefined;
}

/**
 * Translates a Replaces value for the far end. Its `to-tag` is the local tag of whoever is to receive it, which tells
 * the two cases apart: one that names us is turned into the other leg's dialog as the far end there knows it; one that
 * already names our peer (it came back through us after a REFER that we translated) stays as it is.
 * @returns undefined when no leg is meant: 481 (RFC 3891 section 3).
 */
export function translateReplaces(
  value: string,
  legsOfCallId: (callId: string) => readonly LegIdentifiers[],
): string | undefined {
  const [callId = '', ...parts] = value.split(';').map((part) => part.trim());
  const parameters = new Map(
    parts.map((part) => {
      const [name = '', text = ''] = part.split('=');
      return [name.toLowerCase(), text] as const;
    }),
  );
  const toTag = parameters.get('to-tag');
  const fromTag = parameters.get('from-tag');
  const early = parameters.has('early-only') ? ';early-only' : '';
  for (const { own, other } of legsOfCallId(callId)) {
    if (toTag === own.remoteTag && fromTag === own.localTag) return value;
    if (toTag === own.localTag && fromTag === own.remoteTag && other !== undefined) {
      return `${other.callId};to-tag=${other.remoteTag};from-tag=${other.localTag}${early}`;
    }
  }
  return undefined;
}

/**
 * The same for a Replaces in the URI of a Refer-To value. One that names no dialog of ours stays as it is: it is for
 * whoever is asked to call, by a way that need not lead through us (docs/decisions/0004).
 */
export function translateReferTo(referTo: string, legsOfCallId: (callId: string) => readonly LegIdentifiers[]): string {
  const [whole, name = '', escaped = ''] = /([?&]replaces=)([^&>\s]*)/i.exec(referTo) ?? [];
  if (whole === undefined) return referTo;
  let value: string;
  try {
    value = decodeURIComponent(escaped);
  } catch {
    return referTo;
  }
  const translated = translateReplaces(value, legsOfCallId);
  return translated === undefined ? referTo : referTo.replace(whole, () => name + encodeURIComponent(translated));
}
