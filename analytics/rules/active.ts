import { fileURLToPath } from 'node:url';
import type { Config } from '#lib/config/schema.ts';
import { loadRules, type Rule } from './schema.ts';

/** The file of `rules.file`, else the rules that come with Sidetone. @throws SidetoneError `rules-invalid` */
export function loadActiveRules(config: Config): readonly Rule[] {
  return loadRules(config.rules.file ?? fileURLToPath(new URL('default-rules.yaml', import.meta.url)));
}
