import { z } from 'zod';
import { json, route, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { id, page } from './schemas/common.ts';
import { apiKey, role } from './schemas/lists.ts';

const newKey = z
  .object({ key: apiKey, secret: z.string() })
  .meta({ id: 'NewApiKey', description: 'The secret is shown here and never again' });

export function keyRoutes({ database, watchers }: ApiContext): readonly Route[] {
  return [
    route({
      id: 'listKeys',
      method: 'get',
      path: '/api/v1/keys',
      tag: 'Access',
      summary: 'API keys, newest first, revoked ones too',
      access: 'admin',
      audit: { kind: 'read', action: 'keys-listed' },
      responses: { 200: jsonOf('All keys', page(apiKey)), ...problems(401, 403, 503) },
      handle: async () => json({ items: await database.keys.list(), next: null }),
    }),
    route({
      id: 'addKey',
      method: 'post',
      path: '/api/v1/keys',
      tag: 'Access',
      summary: 'Makes an API key',
      access: 'admin',
      body: z.strictObject({ name: z.string().trim().min(1).max(100), role }),
      audit: { kind: 'change', action: 'key-added', detail: ({ body }) => ({ name: body.name, role: body.role }) },
      responses: { 201: jsonOf('The key and its secret', newKey), ...problems(400, 401, 403, 503) },
      handle: async ({ body }) => json(await database.keys.add(body), 201),
    }),
    route({
      id: 'revokeKey',
      method: 'delete',
      path: '/api/v1/keys/{keyId}',
      tag: 'Access',
      summary: 'Revokes an API key and ends its sessions',
      access: 'admin',
      params: z.object({ keyId: id }),
      audit: {
        kind: 'change',
        action: 'key-revoked',
        target: ({ params }) => ({ kind: 'key', id: params.keyId }),
      },
      responses: { 200: jsonOf('The key', apiKey), ...problems(401, 403, 404, 503) },
      handle: async ({ params }) => {
        const revoked = await database.keys.revoke(params.keyId);
        watchers.recheck();
        return json(revoked);
      },
    }),
  ];
}
