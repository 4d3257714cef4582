import type { Clock } from '#lib/clock.ts';
import { SidetoneError } from '#lib/errors.ts';
import { retell } from '../retelling/retell.ts';
import { silenceSound, type KeptSound } from '../retelling/silence-sound.ts';
import { typedWords } from '../retelling/typed-words.ts';
import type { Rule } from '../rules/schema.ts';
import type { Call, CallArchive, CallCorrection, CallNote, Corrections, StoredCall } from '../types.ts';
import { checkSpeakers, nameSpeakers } from './name-speakers.ts';
import { rejudge } from './rejudge.ts';
import { hasSidesToSwap, swapSides } from './swap-sides.ts';

export interface CorrectionsOptions extends KeptSound {
  /** Those that run now: they judge a call anew whose sides or words change. */
  readonly rules: readonly Rule[];
  readonly archive: CallArchive;
  /** As the redactor of a live call has it. */
  readonly holdMs: number;
  readonly clock: Clock;
  /** Whether rows of the call may still come. */
  readonly isLive: (callId: string) => boolean;
}

/** Who put a call right stands in the audit log; that somebody did, on the call itself. */
export function createCorrections(options: CorrectionsOptions): Corrections {
  const { rules, archive, holdMs, clock, isLive } = options;
  const load = async (callId: string): Promise<StoredCall> => {
    if (isLive(callId)) throw new SidetoneError('conflict', 'the call is not over: put it right afterwards');
    const before = await archive.load(callId);
    if (before === undefined) throw new SidetoneError('not-found', `no call ${callId}`);
    if (before.call.state !== 'ended') throw new SidetoneError('conflict', 'the call has not ended');
    return before;
  };
  return {
    async correct(callId, correction) {
      const before = await load(callId);
      check(before, correction);
      const after = corrected(before, correction, rules);
      await archive.replace(before, after);
      return after;
    },
    async correctText(callId, utteranceId, text) {
      const before = await load(callId);
      const old = before.utterances.find((utterance) => utterance.utteranceId === utteranceId);
      if (old === undefined) throw new SidetoneError('not-found', `no utterance ${utteranceId} in the call`);
      const { words, learnt } = typedWords(old, text);
      const { confidence, language } = old;
      const at = new Date(clock.nowEpochMs()).toISOString();
      const proposals = new Map([[utteranceId, { words, confidence, language }]]);
      const { stored, silence, changed } = await retell(before, proposals, { rules, holdMs, textBy: 'person', at });
      if (changed.length === 0) return old;
      // First: should the rest fail, too much is silent, and never too little.
      await silenceSound(options, callId, silence);
      const note = { atMs: old.startMs, note: 'text-corrected', detail: 'put right afterwards' };
      const call = { ...stored.call, notes: [...stored.call.notes, note] };
      // What redaction took out of the new text is nobody's term.
      const terms = silence.length === 0 ? learnt : [];
      await archive.replace(before, { ...stored, call }, terms);
      return stored.utterances.find((utterance) => utterance.utteranceId === utteranceId) ?? old;
    },
  };
}

function check(stored: StoredCall, { swapSides: swap, roles, speakers = [] }: CallCorrection): void {
  const partyIds = Object.keys(roles);
  if (!swap && partyIds.length === 0 && speakers.length === 0)
    throw new SidetoneError('bad-request', 'nothing to put right: swapSides, roles or speakers');
  if (swap && !hasSidesToSwap(stored)) {
    throw new SidetoneError('bad-request', 'nothing to swap: the call has neither caller nor callee');
  }
  const unknown = partyIds.find((id) => stored.call.parties.every(({ partyId }) => partyId !== id));
  if (unknown !== undefined) throw new SidetoneError('bad-request', `the call has no party ${unknown}`);
  checkSpeakers(stored, speakers);
}

function corrected(stored: StoredCall, correction: CallCorrection, rules: readonly Rule[]): StoredCall {
  const named = nameSpeakers(stored, correction.speakers ?? []);
  const placed = correction.swapSides ? swapSides(named) : named;
  const findings = correction.swapSides ? rejudge(placed, rules) : placed.findings;
  return { ...placed, call: withRoles(placed.call, correction), findings };
}

function withRoles(call: Call, { roles, swapSides: swap, speakers = [] }: CallCorrection): Call {
  const note = (what: string): CallNote => ({ atMs: null, note: what, detail: 'put right afterwards' });
  const changes = Object.keys(roles).length > 0;
  return {
    ...call,
    parties: call.parties.map((party) => ({ ...party, role: roles[party.partyId] ?? party.role })),
    notes: [
      ...call.notes,
      ...(swap ? [note('sides-swapped')] : []),
      ...(changes ? [note('roles-changed')] : []),
      ...(speakers.length > 0 ? [note('speakers-named')] : []),
    ],
  };
}
