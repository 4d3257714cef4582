import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { Actor, Json, Role } from '#db/types.ts';
import type { Access } from '../auth/access.ts';
import type { EventStream } from '../live/event-stream.ts';
import type { ChangeAction, ReadAction, WatchAction } from './audit-actions.ts';

/**
 * What of a request goes on record. Every route must say; there is no default, so none can forget.
 * - `read`: the row is committed after the work and before the first byte of the answer; no row, no answer (503).
 * - `change`: the row is committed before the work; no row, no change. When the work then fails, a second row named
 *   `<action>-failed` says so.
 * - `watch`: a row before the first event and one, `<action>-ended`, after the last, with how long it was watched.
 * - `own`: the handler writes its rows by itself, because who asks is known only in the middle of it (signing in).
 * - `none`: nothing of a call is shown and nothing changed; `because` says why that is so.
 */
type AuditRule<Request = never> =
  | RowRule<'read', ReadAction, Request>
  | RowRule<'change', ChangeAction, Request>
  | RowRule<'watch', WatchAction, Request>
  | { readonly kind: 'own'; readonly because: string }
  | { readonly kind: 'none'; readonly because: string };

interface RowRule<Kind, Action, Request> {
  readonly kind: Kind;
  readonly action: Action;
  readonly target?: (request: Request) => AuditTarget;
  /** Known before the work, and never throws; a `read` adds to it by `record`. */
  readonly detail?: (request: Request) => Readonly<Record<string, Json>> | Promise<Readonly<Record<string, Json>>>;
}

export interface ResponseSpec {
  readonly description: string;
  /** Media type to the schema of its body; empty for no body. Non-JSON bodies are described as strings. */
  readonly content: Readonly<Record<string, z.ZodType>>;
}

export interface AuditTarget {
  readonly kind: 'call' | 'export' | 'user' | 'key' | 'route' | 'speaker';
  readonly id: string;
}

/** A request that has passed sign-in, role and schema. */
interface ApiRequest<Params, Query, Body> {
  /** On an open route: whoever is signed in, else null. */
  readonly identity: { readonly actor: Actor; readonly role: Role } | null;
  /** `identity.actor`, or the constant actor of those who are not signed in. */
  readonly actor: Actor;
  /** For the detail of every row: on whose behalf the client says it asks; empty where it says nothing. */
  readonly claim: Readonly<Record<string, Json>>;
  /** The IP address of the client. */
  readonly address: string;
  /** Over TLS, ours or the declared proxy's. */
  readonly secure: boolean;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** One header by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** Of a route with `form`: its body is still to be read. */
  readonly incoming: IncomingMessage;
  /** Adds to the detail of a `read` row: figures and masked words, never content. */
  readonly record: (detail: Readonly<Record<string, Json>>) => void;
}

export type Reply =
  | { readonly kind: 'json'; readonly status?: number; readonly body: unknown; readonly headers?: Headers }
  | { readonly kind: 'text'; readonly contentType: string; readonly body: string; readonly headers?: Headers }
  | { readonly kind: 'empty'; readonly headers?: Headers }
  | FileReply
  | { readonly kind: 'events'; readonly run: (stream: EventStream) => () => void };
type Headers = Readonly<Record<string, string>>;

/** Bytes `start` to `end` (both included) of a file of `size` bytes; 206 when `partial`. */
export interface FileReply {
  readonly kind: 'file';
  readonly path: string;
  readonly contentType: string;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly partial: boolean;
  readonly headers?: Headers;
}

export interface RouteSpec<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  /** OpenAPI operationId. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it: `/api/v1/calls/{callId}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly audit: AuditRule<ApiRequest<z.output<Params>, z.output<Query>, z.output<Body>>>;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Instead of `body`: the parts of a multipart/form-data body, which the handler reads from `incoming` as they come. */
  readonly form?: z.ZodType;
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  handle(request: ApiRequest<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Reply> | Reply;
}

/** A route whose schemas have been applied: what the mount works with. */
export type AnyRequest = ApiRequest<unknown, unknown, unknown>;
export interface Route extends Omit<RouteSpec<z.ZodType, z.ZodType, z.ZodType>, 'handle' | 'audit'> {
  readonly audit: AuditRule<AnyRequest>;
  handle(request: AnyRequest): Promise<Reply> | Reply;
}

export function route<
  Params extends z.ZodType = z.ZodType<Record<string, never>>,
  Query extends z.ZodType = z.ZodType<Record<string, never>>,
  Body extends z.ZodType = z.ZodType<undefined>,
>(spec: RouteSpec<Params, Query, Body>): Route {
  // The mount hands a route only what its own schemas have made.
  return spec as unknown as Route;
}

export function json(body: unknown, status = 200, headers: Headers = {}): Reply {
  return { kind: 'json', status, body, headers };
}
