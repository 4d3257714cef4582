import { z } from 'zod';
import type { AssuranceCounts, AssuranceReport, AssuranceSource, FlaggedCall } from '#db/types.ts';
import { assuranceReason, callSource, verdict } from './call.ts';
import { callId, isoTime, page } from './common.ts';

const share = z
  .number()
  .nullable()
  .meta({ description: 'Complete of complete, partial and missing; null without any' });
const counts = {
  calls: z.int(),
  complete: z.int(),
  partial: z.int(),
  missing: z.int(),
  excluded: z.int(),
  pending: z.int().meta({ description: 'Still on, or being finished' }),
  share,
} satisfies Record<keyof AssuranceCounts, z.ZodType>;

const source = z
  .object({
    source: callSource,
    sourceName: z.string(),
    ...counts,
    days: z.array(z.object({ day: z.iso.date(), ...counts })).meta({ description: 'Those with calls' }),
    reasons: z
      .array(z.object({ verdict, reason: assuranceReason.nullable(), count: z.int() }))
      .meta({ description: 'Of partial and missing calls, the commonest first' }),
  })
  .meta({ id: 'AssuranceSource' }) satisfies z.ZodType<AssuranceSource>;

const flagged = z
  .object({
    callId,
    startedAt: isoTime,
    source: callSource,
    sourceName: z.string(),
    durationMs: z.number().nullable(),
    verdict: z.enum(['partial', 'missing']),
    reason: assuranceReason.nullable(),
  })
  .meta({ id: 'FlaggedCall' }) satisfies z.ZodType<FlaggedCall>;

const cdrs = z
  .object({
    total: z.int(),
    matched: z.int(),
    unmatched: z.int().meta({ description: 'Answered calls of the PBX of which there is no call here' }),
    waiting: z.int().meta({ description: 'No call yet, and not late' }),
    excluded: z.int().meta({ description: 'Not answered, or excluded by number' }),
    files: z
      .array(
        z.object({
          path: z.string(),
          sourceName: z.string(),
          lines: z.int(),
          badLines: z.int(),
          lastBadLine: z.int().nullable(),
          lastBadProblem: z.string().nullable(),
          readAt: isoTime.meta({ description: 'When something new was last read' }),
        }),
      )
      .meta({ description: 'The hundred that were read last' }),
  })
  .meta({ id: 'CdrReport', description: 'Call detail records of the PBX, held against the calls' });

const unmatchedCdr = z
  .object({
    recordId: z.string(),
    sourceName: z.string(),
    uniqueId: z.string().nullable().meta({ description: 'As the PBX calls it' }),
    startedAt: isoTime,
    answeredAt: isoTime.nullable(),
    endedAt: isoTime.nullable(),
    talkedMs: z.number(),
    caller: z.string().nullable(),
    callee: z.string().nullable(),
  })
  .meta({ id: 'UnmatchedCdr' });

export const assuranceReport = z
  .object({
    from: isoTime,
    to: isoTime,
    timeZone: z.string(),
    targetShare: z.number(),
    ...counts,
    sources: z.array(source),
    flagged: page(flagged).meta({ description: 'Calls that are partial or missing, newest first' }),
    cdrs,
    unmatchedCdrs: z.array(unmatchedCdr).meta({ description: 'The newest hundred' }),
  })
  .meta({ id: 'AssuranceReport', description: 'Whether the sound of calls is all there, by source and day' });
export type AssuranceAnswer = z.output<typeof assuranceReport>;

export function assuranceAnswer(
  asked: Pick<AssuranceAnswer, 'from' | 'to' | 'timeZone' | 'targetShare'>,
  { cdrs: { total, counts: states, files, unmatched }, ...report }: AssuranceReport,
): z.input<typeof assuranceReport> {
  return {
    ...asked,
    calls: report.calls,
    complete: report.complete,
    partial: report.partial,
    missing: report.missing,
    excluded: report.excluded,
    pending: report.pending,
    share: report.share,
    sources: report.sources.map((each) => ({ ...each, days: [...each.days], reasons: [...each.reasons] })),
    flagged: { items: [...report.flagged.items], next: report.flagged.next },
    cdrs: { total, ...states, files: [...files] },
    unmatchedCdrs: unmatched.map((record) => ({
      recordId: record.recordId,
      sourceName: record.sourceName,
      uniqueId: record.uniqueId,
      startedAt: record.startedAt,
      answeredAt: record.answeredAt,
      endedAt: record.endedAt,
      talkedMs: record.talkedMs,
      caller: record.caller,
      callee: record.callee,
    })),
  };
}
