import { directionOf, hintsIn, type PartyHints } from './party-hints.ts';
import { bounded, readXml, type XmlElement, type XmlProblem } from './xml.ts';

/** Recording metadata (RFC 7865) as it was sent, whatever the vendor's dialect. Ids are compared as text. */
export interface RsMetadata {
  /** `partial`: only what changed. The default is `complete` (RFC 7865 section 6.1.1). */
  readonly dataMode: 'complete' | 'partial';
  readonly groups: readonly RsGroup[];
  readonly sessions: readonly RsSession[];
  /** In the order of the document, which says who called where nothing else does. */
  readonly participants: readonly RsParticipant[];
  readonly streams: readonly RsStream[];
  readonly participantSessions: readonly RsAssociation[];
  readonly participantStreams: readonly RsStreamAssociation[];
  /** Who called whom, where a vendor says so outside the participants. */
  readonly hints: PartyHints;
}

export interface RsGroup {
  readonly id: string;
}
export interface RsSession {
  readonly id: string;
  readonly groupId: string | null;
  /** What `sipSessionID` says: a Session-ID (RFC 7989) or, from many clients, a Call-ID. */
  readonly sipSessionIds: readonly string[];
  /** It has a `stop-time`: whoever took part in it alone has left. */
  readonly stopped: boolean;
}
export interface RsParticipant {
  readonly id: string;
  readonly aor: string | null;
  readonly name: string | null;
  /** Of an extension that marks the participant as the calling or the called one. */
  readonly direction: 'calling' | 'called' | null;
}
export interface RsStream {
  readonly id: string;
  readonly sessionId: string | null;
  /** The `a=label` of the m-line. A label may be 0: it is text. */
  readonly label: string | null;
  /** The stream carries several participants, by its `mode`. */
  readonly mixed: boolean;
}
/** A participant in a communication session. Times are ms since 1970, null where not stated. */
export interface RsAssociation {
  readonly participantId: string;
  readonly sessionId: string | null;
  readonly associatedEpochMs: number | null;
  readonly disassociatedEpochMs: number | null;
}
/** The streams that a participant sends (its voice is in them) and receives. */
export interface RsStreamAssociation {
  readonly participantId: string;
  readonly sends: readonly string[];
  readonly receives: readonly string[];
  readonly disassociatedEpochMs: number | null;
}

export type MetadataResult =
  | { readonly ok: true; readonly metadata: RsMetadata }
  | { readonly ok: false; readonly problem: XmlProblem | 'not-recording' };

const maxObjects = 64;

/** Reads an `rs-metadata` body. Never throws. */
export function readMetadata(text: string): MetadataResult {
  const xml = readXml(text);
  if (!xml.ok) return xml;
  const recording = [xml.root, ...xml.root.children].find(
    ({ name }) => name === 'recording' || name === 'recordingmetadata',
  );
  if (recording === undefined) return { ok: false, problem: 'not-recording' };
  // Clients put participants and streams beside the session (RFC 7865) or into it (drafts and imitations).
  const elements = withNested(recording);
  const named = (...names: string[]): XmlElement[] =>
    elements.filter(({ name }) => names.includes(name)).slice(0, maxObjects);
  const participants = named('participant');
  return {
    ok: true,
    metadata: {
      dataMode: dataModeOf(recording),
      groups: named('group').flatMap((each) => idOf(each, 'group').map((id) => ({ id }))),
      sessions: named('session').flatMap((each) => idOf(each, 'session').map((id) => sessionOf(id, each))),
      participants: participants.flatMap((each) => idOf(each, 'participant').map((id) => participantOf(id, each))),
      streams: named('stream').flatMap((each) => idOf(each, 'stream').map((id) => streamOf(id, each))),
      participantSessions: [
        ...participants
          .flatMap((each) => idOf(each, 'participant').map((id) => associationOf(id, each)))
          .filter((each) => each.associatedEpochMs !== null || each.disassociatedEpochMs !== null),
        ...named('participantsessionassoc').flatMap((each) => ownerOf(each).map((id) => associationOf(id, each))),
      ],
      participantStreams: [
        ...participants.flatMap((each) => idOf(each, 'participant').map((id) => streamAssociationOf(id, each))),
        ...named('participantstreamassoc').flatMap((each) => ownerOf(each).map((id) => streamAssociationOf(id, each))),
      ].filter(({ sends, receives }) => sends.length + receives.length > 0),
      hints: hintsIn(recording),
    },
  };
}

function withNested(recording: XmlElement): XmlElement[] {
  const containers = new Set(['group', 'session', 'participants', 'streams', 'sessions']);
  return recording.children.flatMap((each) => (containers.has(each.name) ? [each, ...withNested(each)] : [each]));
}

function dataModeOf(recording: XmlElement): 'complete' | 'partial' {
  const stated = child(recording, 'datamode')?.text ?? recording.attributes['datamode'] ?? '';
  return stated.toLowerCase() === 'partial' ? 'partial' : 'complete';
}

/** The object's own id: `participant_id` (RFC 7865), `id` (its drafts), as attribute or element; empty list: none. */
function idOf(element: XmlElement, kind: string): string[] {
  return firstOf(element, [`${kind}_id`, `${kind}id`, 'id', ...(kind === 'session' ? ['session'] : [])]);
}

/** A reference to an object of another kind. */
function refOf(element: XmlElement, kind: string): string[] {
  return firstOf(element, [`${kind}_id`, `${kind}id`, kind, `${kind}-ref`]);
}

/** Of an association: it has no id of its own, so that an `id` is the participant's. */
function ownerOf(element: XmlElement): string[] {
  return firstOf(element, ['participant_id', 'participantid', 'participant', 'participant-ref', 'id']);
}

function firstOf(element: XmlElement, names: readonly string[]): string[] {
  for (const name of names) {
    const value = element.attributes[name] ?? child(element, name)?.text;
    if (value !== undefined && value !== '') return [bounded(value)];
  }
  return [];
}

function sessionOf(id: string, element: XmlElement): RsSession {
  return {
    id,
    groupId: refOf(element, 'group')[0] ?? null,
    sipSessionIds: childrenNamed(element, 'sipsessionid').flatMap(({ text }) => (text === '' ? [] : [bounded(text)])),
    stopped: timeOf(element, 'stop-time') !== null,
  };
}

function participantOf(id: string, element: XmlElement): RsParticipant {
  const identities = [...childrenNamed(element, 'nameid'), element];
  return {
    id,
    aor: firstText(identities, 'aor'),
    name: firstText(identities, 'name'),
    direction: directionOf(element),
  };
}

/** The first that says something: of several languages whichever stands first. */
function firstText(elements: readonly XmlElement[], name: string): string | null {
  for (const element of elements) {
    const values = [element.attributes[name] ?? '', ...childrenNamed(element, name).map(({ text }) => text)];
    const value = values.find((each) => each !== '');
    if (value !== undefined) return bounded(value);
  }
  return null;
}

function streamOf(id: string, element: XmlElement): RsStream {
  const label = element.attributes['label'] ?? child(element, 'label')?.text;
  const mode = element.attributes['mode'] ?? child(element, 'mode')?.text ?? '';
  return {
    id,
    sessionId: refOf(element, 'session')[0] ?? null,
    label: label === undefined || label === '' ? null : bounded(label),
    mixed: mode.toLowerCase() === 'mixed',
  };
}

function associationOf(participantId: string, element: XmlElement): RsAssociation {
  return {
    participantId,
    sessionId: refOf(element, 'session')[0] ?? null,
    associatedEpochMs: timeOf(element, 'associate-time'),
    disassociatedEpochMs: timeOf(element, 'disassociate-time'),
  };
}

function streamAssociationOf(participantId: string, element: XmlElement): RsStreamAssociation {
  return {
    participantId,
    sends: streamRefs(element, 'send'),
    receives: streamRefs(element, 'recv'),
    disassociatedEpochMs: timeOf(element, 'disassociate-time'),
  };
}

/** `<send>id</send>`; drafts had the id in an attribute or in an element of its own, or several in one. */
function streamRefs(element: XmlElement, name: string): string[] {
  return childrenNamed(element, name)
    .slice(0, maxObjects)
    .flatMap((each) => {
      const inside = [each, ...each.children].flatMap((node) => [
        ...node.text.split(/\s+/),
        node.attributes['stream_id'] ?? '',
        node.attributes['id'] ?? '',
        node.attributes['stream'] ?? '',
      ]);
      return inside.filter((id) => id !== '').map(bounded);
    });
}

function timeOf(element: XmlElement, name: string): number | null {
  const epochMs = Date.parse(element.attributes[name] ?? child(element, name)?.text ?? '');
  return Number.isFinite(epochMs) ? epochMs : null;
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((each) => each.name === name);
}

function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((each) => each.name === name);
}
