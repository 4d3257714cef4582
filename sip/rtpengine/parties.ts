import { newId } from '#lib/ids.ts';
import { SidetoneError } from '#lib/errors.ts';
import { storedUri } from '../routing/uri.ts';
import { parseNameAddr } from '../routing/name-addr.ts';
import type { Party, TalkSide } from '../types.ts';
import type { ForkRequest } from './fork-request.ts';
import type { Participant } from './ng.ts';
import type { Sides } from './subscription-answer.ts';

/**
 * Who called and who was called, of all whom rtpengine knows in the call: by the tags asked for, else by the labels
 * `caller` and `callee` that the proxy gave, else the first that rtpengine heard of and whoever answered it. A call may
 * have more parties than two: those that rang and lost (forking).
 * @throws SidetoneError `not-found` (no such tag), `conflict` (not answered yet, or more than one answer)
 */
export function sidesOf(participants: readonly Participant[], request: ForkRequest): Sides {
  const caller =
    named(participants, request.fromTag, 'fromTag') ??
    participants.find(({ label }) => label === 'caller') ??
    partnerOf(participants, request.toTag) ??
    participants[0];
  if (caller === undefined) throw new SidetoneError('not-found', 'rtpengine knows no party of this call');
  const others = participants.filter(({ tag }) => tag !== caller.tag);
  const answered = others.filter(({ tag, peers }) => caller.peers.includes(tag) || peers.includes(caller.tag));
  const callee =
    named(others, request.toTag, 'toTag') ??
    others.find(({ label }) => label === 'callee') ??
    (answered.length === 1 ? answered[0] : undefined);
  if (callee !== undefined) return { caller, callee };
  throw answered.length === 0
    ? new SidetoneError('conflict', 'the call is not answered yet: fork it after rtpengine_answer')
    : new SidetoneError('conflict', 'more than one party answered: say which with toTag');
}

function named(
  participants: readonly Participant[],
  tag: string | undefined,
  name: 'fromTag' | 'toTag',
): Participant | undefined {
  if (tag === undefined) return undefined;
  const found = participants.find((each) => each.tag === tag);
  if (found === undefined)
    throw new SidetoneError('not-found', `rtpengine knows no party with this ${name} in the call`);
  return found;
}

function partnerOf(participants: readonly Participant[], tag: string | undefined): Participant | undefined {
  return tag === undefined ? undefined : participants.find(({ tag: own, peers }) => own !== tag && peers.includes(tag));
}

/** rtpengine knows tags, not people: who they are, the proxy may have said. */
export function partiesFrom({ caller, callee }: ForkRequest): readonly Party[] {
  return Object.freeze([party('caller', caller), party('callee', callee)]);
}

function party(side: TalkSide, text: string | undefined): Party {
  const address = text === undefined ? undefined : parseNameAddr(text);
  const uri = address === undefined ? null : storedUri(address.uri);
  const displayName = uri === null || address === undefined || address.displayName === '' ? null : address.displayName;
  return Object.freeze({ partyId: newId(), side, uri, displayName, role: 'unknown', joinedMs: 0, leftMs: null });
}
