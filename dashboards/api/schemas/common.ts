import { z } from 'zod';

export const isoTime = z.iso
  .datetime({ offset: true })
  .meta({ id: 'IsoTime', description: 'ISO 8601, UTC when given' });
/** Ids are UUIDs (lib/ids.ts): what is none, such as a number typed into an address, is neither looked up nor recorded. */
export const id = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'not an id, such as 01938f3e-6b7c-7c2a-9d31-0f5f1f6f8a11');
export const callId = id.meta({ id: 'CallId', example: '01938f3e-6b7c-7c2a-9d31-0f5f1f6f8a11' });
export const ms = z.number().meta({ id: 'Milliseconds', description: "ms since the call's first media sample" });

/** Query parameters come as text, and a parameter given twice as a list: the last one counts. */
export const one = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value: unknown) => (Array.isArray(value) ? (value as unknown[]).at(-1) : value), schema);

const blankIsUnset = (value: unknown): unknown => (value === '' ? undefined : value);
/** An optional query parameter; an empty one is as good as none (a form with an empty field). */
export const filter = <Schema extends z.ZodType>(schema: Schema) => one(z.preprocess(blankIsUnset, schema.optional()));

export const limit = z.coerce.number().int().min(1).max(200).default(50).meta({ description: '1 to 200' });
export const after = z.string().max(500).optional().meta({ description: '`next` of the page before' });

/** A keyset page: `next` is null at the end. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    failing: z.array(z.string()).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Match on `code`; docs/errors.md explains each.' });
