import { z } from 'zod';
import { json, route, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { currentModel, models, type ModelList } from './schemas/models.ts';

export function modelRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'listModels',
      method: 'get',
      path: '/api/v1/models',
      tag: 'Server',
      summary: 'Recogniser models: those that can be used, and those that can be pulled',
      access: 'admin',
      audit: { kind: 'read', action: 'models-listed' },
      responses: { 200: jsonOf('All that are known', models), ...problems(401, 403, 503) },
      handle: async () => {
        const known = await context.models.list();
        const items = known.map((model) => ({ ...model, languages: [...model.languages] }));
        return json({ items, next: null } satisfies ModelList);
      },
    }),
    route({
      id: 'useModel',
      method: 'put',
      path: '/api/v1/models/current',
      tag: 'Server',
      summary: 'Recognises with another model from now on, calls under way included; answers when all have moved',
      access: 'admin',
      body: z.strictObject({ model: z.string().min(1).max(2000) }),
      audit: { kind: 'change', action: 'model-changed', detail: ({ body }) => ({ model: body.model }) },
      responses: { 200: jsonOf('It is in use', currentModel), ...problems(400, 401, 403, 404, 409, 422, 503) },
      handle: async ({ body }) => {
        await context.models.use(body.model);
        return json({ model: body.model });
      },
    }),
  ];
}
