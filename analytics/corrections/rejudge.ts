import { partySides } from '#sip/types.ts';
import { mayHaveSaid, RuleEvaluator } from '../rules/evaluator.ts';
import type { Rule } from '../rules/schema.ts';
import type { Finding, StoredCall } from '../types.ts';

/**
 * The findings of a call whose sides have changed: those of the rules, run again over its stored (redacted) utterances,
 * and of the old ones those that no rule can give again. What is found as before keeps its id. `stored` has its sides
 * right already, the findings too.
 */
export function rejudge(stored: StoredCall, rules: readonly Rule[]): readonly Finding[] {
  const again = judge(stored, rules);
  const kept = stored.findings.filter(
    (finding) => !again.some((other) => isSame(finding, other)) && stays(finding, rules),
  );
  const found = again.map((finding) => {
    const before = stored.findings.find((other) => isSame(finding, other));
    return before === undefined ? finding : { ...finding, findingId: before.findingId };
  });
  return [...kept, ...found].sort((a, b) => a.startMs - b.startMs);
}

function judge({ call, metrics, utterances }: StoredCall, rules: readonly Rule[]): readonly Finding[] {
  const evaluator = new RuleEvaluator(call.callId, rules);
  const { streams } = call;
  if (streams !== null) evaluator.hears(partySides.filter((side) => streams[side] !== undefined));
  if (call.answeredMs !== null) evaluator.answered(call.answeredMs);
  const said = utterances.toSorted((a, b) => a.endMs - b.endMs).flatMap((utterance) => evaluator.utterance(utterance));
  const durationMs = metrics?.durationMs ?? call.durationMs;
  return call.answeredMs === null || durationMs === null
    ? said
    : [...said, ...evaluator.ended(call.answeredMs + durationMs)];
}

/**
 * What Sidetone raised itself; what a rule found that runs no longer; and what was found in words that have been
 * redacted since, where the rule is one for the side that said them.
 */
function stays({ kind, ruleId, side, evidence }: Finding, rules: readonly Rule[]): boolean {
  if (kind === 'system') return true;
  const rule = rules.find(({ id }) => id === ruleId);
  if (rule === undefined) return true;
  return kind === 'said' && evidence === '' && side !== null && mayHaveSaid(rule.side, side);
}

function isSame(a: Finding, b: Finding): boolean {
  return a.ruleId === b.ruleId && a.kind === b.kind && a.startMs === b.startMs && a.endMs === b.endMs;
}
