import { z } from 'zod';
import { page } from './common.ts';

const model = z
  .object({
    name: z.string(),
    inUse: z.boolean(),
    isHere: z.boolean().meta({ description: 'It can be used now; else `sidetone models pull` gets it first' }),
    languages: z.array(z.string()).meta({ description: 'BCP 47; empty where nobody has said' }),
    licence: z.string().nullable(),
    source: z.string().nullable(),
    downloadBytes: z.number().nullable().meta({ description: 'Of what has to be downloaded, about' }),
  })
  .meta({ id: 'Model' });

export const models = page(model);
export const currentModel = z.object({ model: z.string() }).meta({ id: 'CurrentModel' });
export type ModelList = z.infer<typeof models>;
