import { z } from 'zod';
import { actorKinds, type Actor, type AuditVerdict } from '#db/types.ts';
import { isoTime } from './common.ts';

export const actor = z
  .object({ kind: z.enum(actorKinds), id: z.string(), name: z.string() })
  .meta({ id: 'Actor' }) satisfies z.ZodType<Actor>;

export const auditRow = z
  .object({
    sequence: z.int(),
    at: isoTime.nullable(),
    actor: actor.nullable(),
    action: z.string().nullable(),
    target: z.object({ kind: z.string(), id: z.string() }).nullable(),
    detail: z.json(),
    sourceIp: z.string().nullable(),
    outcome: z.enum(['allowed', 'refused']).nullable(),
    erased: z.boolean().meta({ description: 'The content was erased; the chain still holds' }),
    hash: z.string(),
  })
  .meta({ id: 'AuditRow' });

const checked = {
  rows: z.int(),
  firstSequence: z.int().nullable(),
  lastSequence: z.int().nullable(),
  erasedRows: z.int(),
  rowsPastOutsideHead: z.int(),
  outsideHead: z.enum(['matches', 'behind', 'absent', 'wrong']),
  headSignature: z.enum(['valid', 'invalid', 'absent']),
};
export const auditVerdict = z
  .discriminatedUnion('intact', [
    z.object({ ...checked, intact: z.literal(true) }),
    z.object({
      ...checked,
      intact: z.literal(false),
      firstWrongSequence: z.int().nullable(),
      problem: z.enum([
        'row-missing',
        'row-edited',
        'chain-broken',
        'signature-invalid',
        'tail-cut',
        'head-wrong',
        'outside-head-wrong',
        'earlier-alarm',
      ]),
      explanation: z.string(),
    }),
  ])
  .meta({ id: 'AuditVerdict' }) satisfies z.ZodType<AuditVerdict>;
