import type { z } from 'zod';
import type { ResponseSpec } from '../http/route.ts';
import { problem } from './schemas/common.ts';

export function jsonOf(description: string, schema: z.ZodType): ResponseSpec {
  return { description, content: { 'application/json': schema } };
}

const meanings = {
  400: 'bad-request: a parameter or the body is not what is described here',
  401: 'unauthenticated',
  403: 'forbidden: this needs an admin, or the request comes from a foreign page',
  404: 'not-found',
  409: 'conflict',
  413: 'payload-too-large',
  415: 'unsupported-audio',
  416: 'range-not-satisfiable',
  422: 'model-broken, engine-missing: it cannot be loaded; too-little-speech',
  429: 'rate-limited: Retry-After says when to try again',
  502: 'rtpengine-refused',
  503: 'database-unavailable, or audit-write-failed: what cannot be put on record is refused',
} as const;

export function problems(...statuses: readonly (keyof typeof meanings)[]): Record<number, ResponseSpec> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: meanings[status], content: { 'application/problem+json': problem } },
    ]),
  );
}
