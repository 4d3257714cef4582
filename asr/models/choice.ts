import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { systemCode } from '#lib/errors.ts';

const choice = z.object({
  model: z.string(),
  /** `asr.model` when it was chosen. */
  configured: z.string(),
});

function choicePath(modelsDir: string): string {
  return join(modelsDir, 'in-use.json');
}

/**
 * The model that a running server was last told to use. It holds until the configuration names another model than it did
 * then: whoever spoke last is heard.
 */
export function chosenModel(modelsDir: string, configured: string): string {
  let text: string;
  try {
    text = readFileSync(choicePath(modelsDir), 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return configured;
    throw thrown;
  }
  const kept = choice.safeParse(JSON.parse(text));
  return kept.success && kept.data.configured === configured ? kept.data.model : configured;
}

export async function keepChoice(modelsDir: string, model: string, configured: string): Promise<void> {
  const path = choicePath(modelsDir);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, `${JSON.stringify({ model, configured })}\n`);
  await rename(`${path}.part`, path);
}
