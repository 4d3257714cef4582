import { z } from 'zod';
import type { Actor, Identity } from '#db/types.ts';
import { isLoopback } from '#lib/addresses.ts';
import { sessionCookie, setSessionCookie } from '../auth/cookies.ts';
import { nobody } from '../auth/identify.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type AnyRequest, type Reply, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { actor } from './schemas/audit.ts';
import { role } from './schemas/lists.ts';

const sessionLifetimeS = 12 * 3600;
const session = z
  .object({ signedIn: z.boolean(), actor: actor.nullable(), role: role.nullable() })
  .meta({ id: 'Session' });
const view = (identity: Identity | null): z.input<typeof session> => ({
  signedIn: identity !== null,
  actor: identity?.actor ?? null,
  role: identity?.role ?? null,
});

const ownRows = {
  kind: 'own',
  because: 'who signs in is known only when name and password have been checked',
} as const;

export function sessionRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'getSession',
      method: 'get',
      path: '/api/v1/session',
      tag: 'Access',
      summary: 'Who you are',
      access: 'open',
      audit: { kind: 'none', because: 'it tells the asker who the asker is, and nothing else' },
      responses: { 200: jsonOf('The session', session) },
      handle: ({ identity }) => json(view(identity)),
    }),
    route({
      id: 'signIn',
      method: 'post',
      path: '/api/v1/session',
      tag: 'Access',
      summary: 'Signs in with a user name and password, or with the token of a one-time link; sets the session cookie',
      access: 'open',
      body: z.union([
        z.strictObject({ name: z.string().min(1).max(100), password: z.string().min(1).max(200) }),
        z.strictObject({ link: z.string().min(1).max(200) }),
      ]),
      audit: ownRows,
      responses: { 200: jsonOf('The session', session), ...problems(400, 401, 403, 429, 503) },
      handle: (request) =>
        'link' in request.body
          ? signInByLink(context, request, request.body.link)
          : signInByPassword(context, request, request.body),
    }),
    route({
      id: 'signOut',
      method: 'delete',
      path: '/api/v1/session',
      tag: 'Access',
      summary: 'Signs out',
      access: 'signed-in',
      audit: { kind: 'change', action: 'signed-out' },
      responses: { 204: { description: 'Signed out', content: {} }, ...problems(401, 403, 503) },
      handle: async ({ header, secure }) => {
        const token = sessionCookie(header('cookie'));
        if (token !== undefined) await context.database.sessions.end(token);
        context.watchers.recheck();
        return { kind: 'empty', headers: { 'Set-Cookie': setSessionCookie('', 0, secure) } };
      },
    }),
  ];
}

async function signInByPassword(
  context: ApiContext,
  request: AnyRequest,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<Reply> {
  const { byAddress, byName } = context.logins;
  const nameKey = name.toLowerCase();
  const waitS = Math.max(byAddress.waitS(request.address), byName.waitS(nameKey));
  if (waitS > 0) {
    throw new HttpProblem('rate-limited', 'too many failed sign-ins', { headers: { 'Retry-After': String(waitS) } });
  }
  // Counted before the check, or a volley sent at once would slip through; a success takes its own count back.
  byAddress.count(request.address);
  byName.count(nameKey);
  const user = await context.database.users.authenticate(name, password);
  if (user === undefined) {
    // People type passwords into the name field: the name is kept only where it is one of ours.
    const known = (await context.database.users.list()).find((each) => each.name.toLowerCase() === nameKey);
    return refuse(context, request, { user: known?.name ?? 'unknown' }, 'name or password is wrong');
  }
  byAddress.uncount(request.address);
  byName.uncount(nameKey);
  const who: Actor = { kind: 'user', id: user.userId, name: user.name };
  return open(context, request, { actor: who, role: user.role }, 'password');
}

async function signInByLink(context: ApiContext, request: AnyRequest, link: string): Promise<Reply> {
  if (!context.linksFromAnywhere && !isLoopback(request.address))
    return refuse(
      context,
      request,
      { by: 'link' },
      'a one-time link works on the server itself only, unless http.publicUrl is set',
    );
  const identity = await context.database.sessions.redeemLink(link);
  if (identity === undefined)
    return refuse(context, request, { by: 'link' }, 'the link has been used, or its time is over');
  return open(context, request, identity, 'link');
}

async function open(context: ApiContext, request: AnyRequest, identity: Identity, by: string): Promise<Reply> {
  const { address } = request;
  await context.trail.write({
    actor: identity.actor,
    action: 'signed-in',
    target: null,
    detail: { by },
    address,
    outcome: 'allowed',
  });
  const { token } = await context.database.sessions.create(identity.actor, sessionLifetimeS);
  const cookie = setSessionCookie(token, sessionLifetimeS, request.secure);
  return json(view(identity), 200, { 'Set-Cookie': cookie });
}

async function refuse(
  context: ApiContext,
  request: AnyRequest,
  detail: Readonly<Record<string, string>>,
  why: string,
): Promise<never> {
  const { address } = request;
  await context.trail.write({
    actor: nobody,
    action: 'sign-in-failed',
    target: null,
    detail,
    address,
    outcome: 'refused',
  });
  throw new HttpProblem('unauthenticated', why);
}
