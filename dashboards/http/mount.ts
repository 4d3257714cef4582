import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Database } from '#db/types.ts';
import { isLoopback } from '#lib/addresses.ts';
import type { Clock } from '#lib/clock.ts';
import { mayUse, rolesFor } from '../auth/access.ts';
import { anonymous, identify, nobody, type Identified } from '../auth/identify.ts';
import { claimIn, onBehalfOfHeader } from '../auth/on-behalf-of.ts';
import type { Watchers } from '../live/watchers.ts';
import type { AuditAction } from './audit-actions.ts';
import type { AuditTrail, TrailEntry } from './audit-trail.ts';
import { clientAddress, isSameOrigin } from './client-address.ts';
import type { LateRows } from './late-rows.ts';
import { HttpProblem, toProblem } from './problems.ts';
import type { RateLimit } from './rate-limit.ts';
import { sendReply } from './replies.ts';
import type { AnyRequest, Reply, Route } from './route.ts';

export interface MountContext {
  readonly database: Database;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly tlsProxy: boolean;
  readonly tls: boolean;
  /** `http.publicUrl` of the configuration. */
  readonly publicUrl: string | undefined;
  /** Refusals per address: past it they are answered 429 and no longer recorded, so that nobody can flood the log. */
  readonly refusals: RateLimit;
  readonly watchers: Watchers;
  readonly lateRows: LateRows;
}

/** Express's handler of one route: sign-in, role, origin, schema, evidence, work, answer; in this order. */
export function mountRoute(route: Route, context: MountContext): RequestHandler {
  return async (request, response) => {
    const address = clientAddress(request, context.tlsProxy);
    const identified = await admit(route, context, request, address);
    const claim = claimIn(request.get(onBehalfOfHeader));
    if (claim === undefined) throw new HttpProblem('bad-request', `header ${onBehalfOfHeader}: not a name`);
    const detail: Record<string, unknown> = {};
    const asked: AnyRequest = {
      identity: identified.identity,
      actor: identified.identity?.actor ?? nobody,
      claim,
      address,
      secure: context.tls || context.tlsProxy,
      params: parse(route.params, request.params, 'path'),
      query: parse(route.query, request.query, 'query'),
      body: parse(route.body, request.body, 'body'),
      header: (name) => request.get(name),
      incoming: request,
      record: (more) => void Object.assign(detail, more),
    };
    await answer(route, context, { asked, detail, identified }, response);
  };
}

async function admit(route: Route, context: MountContext, request: Request, address: string): Promise<Identified> {
  const waitS = context.refusals.waitS(address);
  if (waitS > 0) {
    throw new HttpProblem('rate-limited', 'too many refused requests', { headers: { 'Retry-After': String(waitS) } });
  }
  const identified = await identify(request, context.database).catch((thrown: unknown) => {
    // An open or monitoring page must say that the database is away, not fail for it.
    if (route.access === 'open' || (route.access === 'monitor' && isLoopback(address))) return anonymous;
    throw thrown;
  });
  const refusal = whyNot(route, identified, request, { address, publicUrl: context.publicUrl });
  if (refusal === undefined) return identified;
  context.refusals.count(address);
  await context.trail.write({
    actor: identified.identity?.actor ?? nobody,
    action: 'request-refused',
    target: { kind: 'route', id: route.id },
    detail: { code: refusal.code, ...pathIds(route, request), ...claimIn(request.get(onBehalfOfHeader)) },
    address,
    outcome: 'refused',
  });
  throw refusal;
}

function whyNot(
  route: Route,
  { identity, byCookie }: Identified,
  request: Request,
  { address, publicUrl }: { readonly address: string; readonly publicUrl: string | undefined },
): HttpProblem | undefined {
  if (route.method !== 'get' && (byCookie || route.access === 'open') && !isSameOrigin(request, publicUrl)) {
    return new HttpProblem('forbidden', 'a change must be asked for from the pages of this server');
  }
  if (route.access === 'open' || (route.access === 'monitor' && isLoopback(address))) return undefined;
  if (identity === null) {
    return new HttpProblem('unauthenticated', 'sign in, or send Authorization: Bearer KEY', {
      headers: { 'WWW-Authenticate': 'Bearer realm="sidetone"' },
    });
  }
  if (mayUse(route.access, identity.role)) return undefined;
  return new HttpProblem('forbidden', `this is for the role ${rolesFor(route.access)}: yours is ${identity.role}`);
}

/** Ids in the path of a refused request: what somebody tried to reach is evidence too. Only where they are ids. */
function pathIds(route: Route, request: Request): Record<string, string> {
  return route.params?.safeParse(request.params).success === true ? (request.params as Record<string, string>) : {};
}

function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  // Zod's messages name what was expected, never the value that came.
  const issues = parsed.error.issues.map(
    (issue) => `${[where, ...issue.path.map(String)].join('.')}: ${issue.message}`,
  );
  throw new HttpProblem('bad-request', issues.join('; '));
}

async function answer(
  route: Route,
  context: MountContext,
  request: {
    readonly asked: AnyRequest;
    /** Grows while the request is handled. */
    readonly detail: Readonly<Record<string, unknown>>;
    readonly identified: Identified;
  },
  response: Response,
): Promise<void> {
  const { asked, detail, identified } = request;
  const { audit } = route;
  if (audit.kind === 'none' || audit.kind === 'own') return sendReply(await route.handle(asked), response);
  const known = await audit.detail?.(asked);
  const entry = (action: AuditAction, more: TrailEntry['detail'] = {}): TrailEntry => ({
    actor: asked.actor,
    action,
    target: audit.target?.(asked) ?? null,
    detail: { ...known, ...(detail as TrailEntry['detail']), ...more, ...asked.claim },
    address: asked.address,
    outcome: 'allowed',
  });
  if (audit.kind === 'change') {
    await context.trail.write(entry(audit.action));
    const reply = await recordFailure(
      () => route.handle(asked),
      (code) => context.trail.write(entry(`${audit.action}-failed`, { code })),
    );
    return sendReply(reply, response);
  }
  const reply = await recordFailure(
    () => route.handle(asked),
    (code) => context.trail.write({ ...entry(audit.action, { code }), outcome: 'refused' }),
  );
  await context.trail.write(entry(audit.action));
  if (reply.kind !== 'events' || audit.kind !== 'watch') return sendReply(reply, response);
  context.watchers.open(response, {
    run: reply.run,
    isStillGood: async () => {
      const identity = await identified.again();
      return identity !== null && mayUse(route.access, identity.role);
    },
    onEnd: (end, watchedMs) => {
      const atEpochMs = context.clock.nowEpochMs();
      context.lateRows.add({ ...entry(`${audit.action}-ended`, { watchedMs, endedBy: end }), atEpochMs });
    },
  });
}

/** What fails because of the request (no such call ...) goes on record too; what fails in us goes to the log. */
async function recordFailure(
  work: () => Promise<Reply> | Reply,
  write: (code: string) => Promise<void>,
): Promise<Reply> {
  try {
    return await work();
  } catch (thrown) {
    const problem = toProblem(thrown);
    if (problem.status !== 503 && problem.status !== 400) await write(problem.code);
    throw thrown;
  }
}
