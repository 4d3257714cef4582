import { bounded, descendants, readXml, type XmlElement } from './xml.ts';

/** What vendors say of who called whom, in extensions of their own: read by local name, in whatever namespace. */
export interface PartyHints {
  /** Number or URI of who called, and of who was called. */
  readonly calling: string | null;
  readonly called: string | null;
}

const callingNames: ReadonlySet<string> = new Set(['callingparty', 'iscalling', 'iscaller']);
const calledNames: ReadonlySet<string> = new Set(['calledparty', 'iscalled', 'iscallee']);
const roleNames: ReadonlySet<string> = new Set(['role', 'participantrole', 'partyrole', 'direction', 'partytype']);
const callingWords = /^(?:caller|calling|calling-?party|originator|originating|orig|ingress|a-?party)$/i;
const calledWords = /^(?:callee|called|called-?party|terminator|terminating|term|egress|b-?party)$/i;

/** Oracle's `callingParty` is true or false; others name the role. Anywhere below the participant, in any namespace. */
export function directionOf(participant: XmlElement): 'calling' | 'called' | null {
  for (const { name, text } of descendants(participant)) {
    const isTrue = /^(?:true|1|yes)$/i.test(text);
    const isFalse = /^(?:false|0|no)$/i.test(text);
    if (callingNames.has(name) && (isTrue || isFalse)) return isTrue ? 'calling' : 'called';
    if (calledNames.has(name) && (isTrue || isFalse)) return isTrue ? 'called' : 'calling';
    if (roleNames.has(name) && callingWords.test(text)) return 'calling';
    if (roleNames.has(name) && calledWords.test(text)) return 'called';
  }
  return null;
}

/** BroadWorks names the numbers of the call, Sonus its From and To, each in an extension of the group or the session. */
const callingHints: ReadonlySet<string> = new Set([
  'callingpartynumber',
  'callingpartyaddress',
  'fromhdr',
  'callernumber',
  'callinguri',
]);
const calledHints: ReadonlySet<string> = new Set([
  'calledpartynumber',
  'calledpartyaddress',
  'tohdr',
  'callednumber',
  'calleduri',
]);

/** Also of an extension that comes as a part of its own. */
export function readHints(text: string): PartyHints {
  const xml = readXml(text);
  return xml.ok ? hintsIn(xml.root) : noHints;
}

export const noHints: PartyHints = { calling: null, called: null };

export function hintsIn(root: XmlElement): PartyHints {
  let calling: string | null = null;
  let called: string | null = null;
  for (const { name, text } of descendants(root)) {
    if (text === '') continue;
    if (callingHints.has(name)) calling ??= bounded(text);
    if (calledHints.has(name)) called ??= bounded(text);
  }
  return { calling, called };
}
