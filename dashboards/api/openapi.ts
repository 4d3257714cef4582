import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import { z } from 'zod';
import { rolesFor } from '../auth/access.ts';
import { route, json, type Route } from '../http/route.ts';

/** The OpenAPI 3.1 document of the routes: made from the very schemas that requests are checked with. */
export function openApiDocument(routes: readonly Route[]): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const each of routes) (paths[each.path] ??= {})[each.method] = operation(each);
  return {
    ...createDocument({
      openapi: '3.1.0',
      info: {
        title: 'Sidetone',
        version: '1',
        description:
          'Times in ms count from the first media sample of a call. Lists are paged: give `next` back as `after`. ' +
          'Every read and change is a row of the audit log; what cannot be put on record is refused with 503.',
      },
      paths,
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An API key (`sidetone keys add`)' },
          session: { type: 'apiKey', in: 'cookie', name: 'sidetone_session' },
        },
      },
    }),
  };
}

export function openApiRoute(documentOf: () => Readonly<Record<string, unknown>>): Route {
  return route({
    id: 'getOpenApi',
    method: 'get',
    path: '/api/v1/openapi.json',
    tag: 'Server',
    summary: 'This description',
    access: 'open',
    audit: { kind: 'none', because: 'it describes the API, and holds nothing of any call' },
    responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': z.looseObject({}) } } },
    handle: () => json(documentOf()),
  });
}

function operation(each: Route): ZodOpenApiOperationObject {
  const parameters = {
    ...(each.params === undefined ? {} : { path: each.params as z.ZodObject }),
    ...(each.query === undefined ? {} : { query: each.query as z.ZodObject }),
  };
  const { audit } = each;
  const evidence = 'action' in audit ? `On record as \`${audit.action}\`.` : 'Not on record: ' + audit.because + '.';
  return {
    operationId: each.id,
    tags: [each.tag],
    summary: each.summary,
    description: `For: ${whoMay(each.access)}. ${audit.kind === 'own' ? 'On record.' : evidence}`,
    security: each.access === 'open' ? [] : [{ key: [] }, { session: [] }],
    requestParams: parameters,
    ...(each.body === undefined ? {} : { requestBody: { content: { 'application/json': { schema: each.body } } } }),
    ...(each.form === undefined ? {} : { requestBody: { content: { 'multipart/form-data': { schema: each.form } } } }),
    responses: Object.fromEntries(
      Object.entries(each.responses).map(([status, { description, content }]) => [
        status,
        {
          description,
          content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }])),
        },
      ]),
    ),
  };
}

function whoMay(access: Route['access']): string {
  if (access === 'open') return 'whoever asks, no sign-in';
  return access === 'monitor' ? `${rolesFor(access)}, or loopback` : rolesFor(access);
}
