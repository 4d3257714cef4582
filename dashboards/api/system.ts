import { z } from 'zod';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';

const readiness = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  })
  .meta({ id: 'Readiness' });

export function systemRoutes(context: ApiContext): readonly Route[] {
  const because = 'it shows the state of the server, nothing of any call';
  return [
    route({
      id: 'healthz',
      method: 'get',
      path: '/healthz',
      tag: 'Server',
      summary: 'The process lives and answers',
      access: 'open',
      audit: { kind: 'none', because },
      responses: { 200: { description: '`ok`', content: { 'text/plain': z.string() } } },
      handle: () => ({ kind: 'text', contentType: 'text/plain', body: 'ok\n' }),
    }),
    route({
      id: 'readyz',
      method: 'get',
      path: '/readyz',
      tag: 'Server',
      summary: 'All that the server needs is there; 503 with the names of what is not',
      access: 'open',
      audit: { kind: 'none', because },
      responses: { 200: jsonOf('Ready', readiness), ...problems(503) },
      handle: async () => {
        const checks = await context.readiness();
        const failing = checks.filter((check) => !check.ok).map((check) => check.name);
        if (failing.length === 0) return json({ ready: true, checks });
        throw new HttpProblem('not-ready', `not ready: ${failing.join(', ')}`, { failing });
      },
    }),
    route({
      id: 'metrics',
      method: 'get',
      path: '/metrics',
      tag: 'Server',
      summary: 'Prometheus metrics; for clients on this machine, or with a key',
      access: 'monitor',
      audit: { kind: 'none', because: 'counters; no number, name or text of any call is ever a label' },
      responses: {
        200: { description: 'Prometheus text format', content: { 'text/plain': z.string() } },
        ...problems(401),
      },
      handle: async () => ({
        kind: 'text',
        contentType: context.metrics.contentType,
        body: await context.metrics.render(),
      }),
    }),
  ];
}
