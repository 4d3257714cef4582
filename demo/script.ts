import { z } from 'zod';

const scriptSchema = z.object({
  about: z.string(),
  voices: z.object({ caller: z.string(), callee: z.string() }),
  turns: z.array(
    z.object({
      side: z.enum(['caller', 'callee']),
      text: z.string(),
      /** What follows the text in the same breath and must never be kept. */
      secret: z.string().optional(),
      sensitive: z.enum(['card', 'cvv']).optional(),
    }),
  ),
});
export type DemoScript = Readonly<z.infer<typeof scriptSchema>>;

export function readDemoScript(json: string): DemoScript {
  return scriptSchema.parse(JSON.parse(json));
}
