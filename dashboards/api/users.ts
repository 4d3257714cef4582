import { z } from 'zod';
import { json, route, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { id, page } from './schemas/common.ts';
import { user, userRole } from './schemas/lists.ts';

const name = z.string().trim().min(1).max(100);
const password = z.string().min(12).max(200);
const changes = z
  .strictObject({ role: userRole.optional(), password: password.optional(), disabled: z.boolean().optional() })
  .refine((change) => Object.keys(change).length > 0, 'says nothing to change');

export function userRoutes({ database, watchers }: ApiContext): readonly Route[] {
  return [
    route({
      id: 'listUsers',
      method: 'get',
      path: '/api/v1/users',
      tag: 'Access',
      summary: 'Users, by name',
      access: 'admin',
      audit: { kind: 'read', action: 'users-listed' },
      responses: { 200: jsonOf('All users', page(user)), ...problems(401, 403, 503) },
      handle: async () => json({ items: await database.users.list(), next: null }),
    }),
    route({
      id: 'addUser',
      method: 'post',
      path: '/api/v1/users',
      tag: 'Access',
      summary: 'Adds a user',
      access: 'admin',
      body: z.strictObject({ name, role: userRole, password }),
      audit: { kind: 'change', action: 'user-added', detail: ({ body }) => ({ name: body.name, role: body.role }) },
      responses: { 201: jsonOf('The user', user), ...problems(400, 401, 403, 503) },
      handle: async ({ body }) => json(await database.users.add(body), 201),
    }),
    route({
      id: 'changeUser',
      method: 'patch',
      path: '/api/v1/users/{userId}',
      tag: 'Access',
      summary: "Changes role or password, or disables; the latter two end the user's sessions",
      access: 'admin',
      params: z.object({ userId: id }),
      body: changes,
      audit: {
        kind: 'change',
        action: 'user-changed',
        target: ({ params }) => ({ kind: 'user', id: params.userId }),
        detail: ({ body }) => ({
          ...(body.role === undefined ? {} : { role: body.role }),
          ...(body.disabled === undefined ? {} : { disabled: body.disabled }),
          password: body.password === undefined ? 'unchanged' : 'changed',
        }),
      },
      responses: { 200: jsonOf('The user', user), ...problems(400, 401, 403, 404, 503) },
      handle: async ({ params, body }) => {
        const changed = await database.users.update(params.userId, body);
        watchers.recheck();
        return json(changed);
      },
    }),
  ];
}
