import { z } from 'zod';
import { nearest } from './nearest.ts';
import { configSchema } from './schema.ts';

/** What is wrong with a configuration, a line for each mistake, with what was most likely meant. `tree`: as it was read. */
export function describeIssue(issue: z.core.$ZodIssue, tree: unknown): readonly string[] {
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => describeUnknown([...issue.path, key]));
  const meant =
    issue.code === 'invalid_value' ? nearest(textAt(tree, issue.path), issue.values.map(String)) : undefined;
  const message = meant === undefined ? issue.message : `${issue.message}: did you mean ${meant}?`;
  return [at === '' ? message : `${at}: ${message}`];
}

/** Among its neighbours first, then wherever else a key is called so. */
function describeUnknown(path: readonly PropertyKey[]): string {
  const parts = path.map(String);
  const key = parts.at(-1) ?? '';
  const known = settings();
  const parent = shapeOf(parts.slice(0, -1));
  const siblings = known.filter((each) => each.parent === parent);
  const sibling = nearest(
    key,
    siblings.map((each) => each.key),
  );
  const meant =
    sibling === undefined
      ? known.find((each) => each.key.toLowerCase() === key.toLowerCase())?.path
      : [...parts.slice(0, -1), sibling].join('.');
  return `${parts.join('.')}: no such setting${meant === undefined ? '' : `: did you mean ${meant}?`}`;
}

interface Setting {
  readonly key: string;
  /** `trunks[]`, `sip`; empty for the top. */
  readonly parent: string;
  readonly path: string;
}

/** Of the whole schema, maps and all. */
function settings(): readonly Setting[] {
  const found: Setting[] = [];
  const walk = (schema: unknown, parent: string): void => {
    if (!isTree(schema)) return;
    if (isTree(schema['items'])) walk(schema['items'], `${parent}[]`);
    if (!isTree(schema['properties'])) return;
    for (const [key, child] of Object.entries(schema['properties'])) {
      const path = parent === '' ? key : `${parent}.${key}`;
      found.push({ key, parent, path });
      walk(child, path);
    }
  };
  walk(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }), '');
  return found;
}

/** `['trunks', '0']` is `trunks[]`. */
function shapeOf(parts: readonly string[]): string {
  return parts.reduce(
    (shape, part) => (/^\d+$/.test(part) ? `${shape}[]` : shape === '' ? part : `${shape}.${part}`),
    '',
  );
}

function textAt(tree: unknown, path: readonly PropertyKey[]): string {
  let at: unknown = tree;
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  return typeof at === 'string' || typeof at === 'number' ? String(at) : '';
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
