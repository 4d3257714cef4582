import type { CdrCandidate, CdrRecord } from '#analytics/types.ts';
import { nameOf, sameName } from './numbers.ts';

/**
 * Which call a record is of, if any. A SIP Call-ID decides; else a call that no record has yet, which began when the record
 * says and is between the same numbers; else the call of another record of the same group that was on at that time (a
 * queue or a transfer writes several records of one call).
 */
export function matchCdr(
  record: CdrRecord,
  candidates: readonly CdrCandidate[],
  options: { readonly withinMs: number; readonly nowEpochMs: number },
): CdrCandidate | undefined {
  const nearest = (some: readonly CdrCandidate[]): CdrCandidate | undefined =>
    some.toSorted((one, other) => apartMs(record, one) - apartMs(record, other))[0];
  const byCallId = nearest(candidates.filter(({ by }) => by === 'sip-call-id'));
  if (byCallId !== undefined) return byCallId;
  const byNumbers = candidates.filter(
    (call) =>
      call.by === 'time' && !call.claimed && apartMs(record, call) <= options.withinMs && sameNumbers(record, call),
  );
  return (
    nearest(byNumbers) ??
    nearest(candidates.filter((call) => call.by === 'group' && wasOn(record, call, options.nowEpochMs)))
  );
}

/** A copied call begins when its PBX starts to copy it: as it rings, or when it is answered. */
function apartMs(record: CdrRecord, call: CdrCandidate): number {
  const beganMs = Date.parse(call.startedAt);
  return Math.min(
    ...[record.startedAt, record.answeredAt].flatMap((at) => (at === null ? [] : Math.abs(Date.parse(at) - beganMs))),
  );
}

/**
 * Of the two numbers of the record, at least one is a party's, and the other is too, or it is an alias's, or the call does
 * not say who its other party is.
 */
function sameNumbers(record: CdrRecord, call: CdrCandidate): boolean {
  const open = call.uris.flatMap((uri) => (uri === null ? [] : (nameOf(uri) ?? [])));
  const unsaid = Math.max(2 - open.length, 0);
  const take = (name: string): boolean => {
    const index = open.findIndex((party) => sameName(party, name));
    if (index === -1) return false;
    open.splice(index, 1);
    return true;
  };
  const names = [record.caller, record.callee].flatMap((each) => (each === null ? [] : (nameOf(each) ?? [])));
  const missed = names.filter((name) => !take(name)).length;
  const known = names.length - missed;
  const byAlias = record.aliases.filter((alias) => take(nameOf(alias) ?? '')).length;
  return known + byAlias >= 1 && missed <= byAlias + unsaid;
}

/** The talk of the record lies, for a half at least, within that of the call. */
function wasOn(record: CdrRecord, call: CdrCandidate, nowEpochMs: number): boolean {
  const fromMs = Date.parse(record.answeredAt ?? record.startedAt);
  const toMs = fromMs + record.talkedMs;
  const callToMs = call.endedAt === null ? nowEpochMs : Date.parse(call.endedAt);
  const sharedMs = Math.min(toMs, callToMs) - Math.max(fromMs, Date.parse(call.startedAt));
  return sharedMs >= 0 && sharedMs * 2 >= record.talkedMs;
}
