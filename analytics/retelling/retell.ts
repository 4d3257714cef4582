import type { Word } from '#asr/types.ts';
import { newId } from '#lib/ids.ts';
import { rejudge } from '../corrections/rejudge.ts';
import { kindOfMask, maskIn } from '../redaction/mask-names.ts';
import { withMargins } from '../redaction/margins.ts';
import type { SilenceRange } from '../redaction/types.ts';
import type { Rule } from '../rules/schema.ts';
import { scoreSentiment } from '../sentiment/score.ts';
import type { EarlierText, Redaction, StoredCall, TextAuthor, Utterance } from '../types.ts';
import { spokenText } from '../words.ts';
import { judgeAgain, segmentsOf, type Mask } from './judge-again.ts';
import { remeasured } from './remeasure.ts';

/** What is to stand in one utterance instead of what does. Masks of the old text stand in it where they stood. */
export interface Proposal {
  readonly words: readonly Word[];
  readonly confidence: number;
  readonly language: string;
}

export interface Retold {
  readonly stored: StoredCall;
  /** New stretches that nobody is to hear, on all channels. */
  readonly silence: readonly SilenceRange[];
  /** Utterances whose text is another now. */
  readonly changed: readonly string[];
}

export interface RetellOptions {
  readonly rules: readonly Rule[];
  readonly holdMs: number;
  readonly textBy: Exclude<TextAuthor, 'recogniser'>;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * An ended call with other texts in some of its utterances: redacted as if they had been said so, each under its next
 * revision, the texts before them kept; sentiment, figures and findings follow. What the new texts give away (a context
 * that was not understood, digits that were not heard as such) is masked wherever it stands, in texts kept from before
 * too. Pure, but for the ids of new rows.
 */
export async function retell(
  before: StoredCall,
  proposals: ReadonlyMap<string, Proposal>,
  { rules, holdMs, textBy, at }: RetellOptions,
): Promise<Retold> {
  const proposed = before.utterances.map((utterance) => withProposal(utterance, proposals.get(utterance.utteranceId)));
  const found = await newMasks(before.utterances, proposed, holdMs);
  const utterances = proposed.map((utterance, index) => {
    const old = before.utterances[index] ?? utterance;
    const next = masked(utterance, found.get(utterance.utteranceId) ?? []);
    if (next.text === old.text) return old;
    const isRetold = proposals.has(utterance.utteranceId);
    const sentiment = scoreSentiment(spokenText(next));
    return { ...next, sentiment, revision: old.revision + 1, ...(isRetold ? { textBy } : {}) };
  });
  const changed = utterances.filter((utterance, index) => utterance !== before.utterances[index]);
  const retold = changed.filter(({ utteranceId }) => proposals.has(utteranceId)).map(({ utteranceId }) => utteranceId);
  const kept = before.utterances.filter(({ utteranceId }) => retold.includes(utteranceId));
  const silenced = withSilence(utterances, found);
  // The words of two texts stand at other times: of a kept one goes whatever is silenced.
  const earlier = [...before.earlier, ...kept.map((utterance) => earlierText(utterance, at))]
    .map((each) => masked(each, silenced.get(each.utteranceId) ?? []))
    .sort((a, b) => compare(a.utteranceId, b.utteranceId) || a.revision - b.revision);
  const redactions = utterances.flatMap(({ utteranceId, callId, side }) =>
    (silenced.get(utteranceId) ?? []).map(({ text, startMs, endMs }): Redaction => {
      const kind = kindOfMask(maskIn(text) ?? '[DIGITS]');
      return { redactionId: newId(), callId, kind, side, startMs, endMs, reason: 'late' };
    }),
  );
  const isHidden = (utteranceIds: readonly string[]): boolean => utteranceIds.some((id) => found.has(id));
  const after: StoredCall = { ...before, utterances, earlier, redactions: [...before.redactions, ...redactions] };
  const findings = rejudge(after, rules).map((finding) =>
    before.findings.includes(finding) && isHidden(finding.utteranceIds) ? { ...finding, evidence: '' } : finding,
  );
  return {
    stored: { ...after, findings, metrics: remeasured(after) },
    silence: redactions.map(({ startMs, endMs }) => ({ startMs, endMs })),
    changed: retold,
  };
}

/** The masks as wide as their sound is silenced. */
function withSilence(
  utterances: readonly Utterance[],
  found: ReadonlyMap<string, readonly Mask[]>,
): ReadonlyMap<string, readonly Mask[]> {
  const segments = segmentsOf(utterances);
  const widened = (mask: Mask): Mask => ({ ...mask, ...withMargins(mask, segments, Number.POSITIVE_INFINITY) });
  return new Map([...found].map(([utteranceId, masks]) => [utteranceId, masks.map(widened)]));
}

function withProposal(utterance: Utterance, proposal: Proposal | undefined): Utterance {
  if (proposal === undefined) return utterance;
  return { ...utterance, ...proposal, text: textOf(proposal.words) };
}

function textOf(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ');
}

function earlierText(utterance: Utterance, replacedAt: string): EarlierText {
  const { utteranceId, callId, text, words, confidence, language, revision, textBy } = utterance;
  const author = textBy === undefined ? {} : { textBy };
  return { utteranceId, callId, text, words, confidence, language, revision, ...author, replacedAt };
}

/**
 * By utterance. Words that stand in clear as before were judged while the call ran, by more than is stored of it: they
 * are masked only where the new texts make the difference.
 */
async function newMasks(
  old: readonly Utterance[],
  proposed: readonly Utterance[],
  holdMs: number,
): Promise<ReadonlyMap<string, readonly Mask[]>> {
  const usual = await judgeAgain(old, holdMs);
  const now = await judgeAgain(proposed, holdMs);
  const known = new Map(old.map(({ utteranceId, words }) => [utteranceId, words]));
  const found = new Map<string, readonly Mask[]>();
  for (const { utteranceId, words } of proposed) {
    const before = known.get(utteranceId) ?? [];
    const masks = (now.get(utteranceId) ?? []).flatMap((mask) => {
      const hidden = words.filter((word) => overlaps(word, mask) && maskIn(word.text) === undefined);
      const isUsual = (word: Word): boolean =>
        before.some((each) => each.text === word.text && each.startMs === word.startMs) &&
        (usual.get(utteranceId) ?? []).some((each) => overlaps(word, each));
      const first = hidden.findIndex((word) => !isUsual(word));
      const last = hidden.findLastIndex((word) => !isUsual(word));
      if (first === -1) return [];
      return [{ text: mask.text, startMs: hidden[first]!.startMs, endMs: hidden[last]!.endMs }];
    });
    if (masks.length > 0) found.set(utteranceId, masks);
  }
  return found;
}

/** Times of two versions of a text differ a little: one word too many is masked rather than one too few. */
function overlaps(word: Pick<Word, 'startMs' | 'endMs'>, mask: Mask): boolean {
  return word.startMs < mask.endMs && word.endMs > mask.startMs;
}

/** With the words under each mask as one that reads like it. */
function masked<Text extends Pick<Utterance, 'words' | 'text'>>(text: Text, masks: readonly Mask[]): Text {
  if (masks.length === 0) return text;
  const words: Word[] = [];
  let last: Mask | undefined;
  for (const word of text.words) {
    const mask = maskIn(word.text) === undefined ? masks.find((each) => overlaps(word, each)) : undefined;
    const before = words.at(-1);
    if (mask === undefined) words.push(word);
    else if (mask === last && before !== undefined) words[words.length - 1] = { ...before, endMs: word.endMs };
    else words.push({ text: mask.text, startMs: word.startMs, endMs: word.endMs, confidence: word.confidence });
    last = mask;
  }
  return { ...text, words, text: textOf(words) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
