import { z } from 'zod';
import type { AuditRow } from '#db/types.ts';
import { auditActions } from '../http/audit-actions.ts';
import { json, route, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { auditRow, auditVerdict } from './schemas/audit.ts';
import { after, filter, isoTime, limit, one, page } from './schemas/common.ts';

const text = filter(z.string().max(200));
const auditQuery = z.object({
  from: filter(isoTime),
  to: filter(isoTime),
  actor: text.meta({ description: 'Id of a user or key' }),
  action: filter(z.enum(auditActions, `no such action; there are ${auditActions.join(', ')}`)),
  target: text.meta({ description: 'Id of a call, export, user or key' }),
  limit: one(limit),
  after: one(after),
});

export function auditRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'listAudit',
      method: 'get',
      path: '/api/v1/audit',
      tag: 'Evidence',
      summary: 'Who did what, from where and when; newest first',
      access: 'admin',
      query: auditQuery,
      audit: {
        kind: 'read',
        action: 'audit-read',
        detail: ({ query: { from, to, actor, action, target } }) =>
          Object.fromEntries(
            Object.entries({ from, to, actor, action, target }).flatMap(([name, value]) =>
              value === undefined ? [] : [[name, context.masks.query(value)]],
            ),
          ),
      },
      responses: { 200: jsonOf('A page of rows', page(auditRow)), ...problems(400, 401, 403, 503) },
      handle: async ({ query }) => {
        const { actor, target, ...rest } = query;
        const rows = await context.database.audit.list({ ...rest, actorId: actor, targetId: target });
        return json({ items: rows.items.map(rowView), next: rows.next });
      },
    }),
    route({
      id: 'verifyAudit',
      method: 'post',
      path: '/api/v1/audit/verify',
      tag: 'Evidence',
      summary: 'Checks every row of the chain, its signed head, and the head kept outside the database',
      access: 'admin',
      audit: { kind: 'change', action: 'audit-verified' },
      responses: { 200: jsonOf('What was checked, and what is wrong', auditVerdict), ...problems(401, 403, 503) },
      handle: async () => json(await context.database.audit.verify()),
    }),
  ];
}

function rowView({ sequence, entry, hash }: AuditRow): z.input<typeof auditRow> {
  return {
    sequence,
    at: entry === null ? null : new Date(entry.atEpochMs).toISOString(),
    actor: entry?.actor ?? null,
    action: entry?.action ?? null,
    target: entry?.target ?? null,
    detail: (entry?.detail ?? null) as z.input<typeof auditRow>['detail'],
    sourceIp: entry?.sourceIp ?? null,
    outcome: entry?.outcome ?? null,
    erased: entry === null,
    hash,
  };
}
