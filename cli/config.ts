import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '#lib/config/load.ts';
import type { Config } from '#lib/config/schema.ts';

/** The configuration that a command works with: `--config`, else sidetone.yaml here, and the environment. */
export function configOf(command: Command): Config {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  return loadConfig(config, process.env);
}

/** The file that `configOf` reads, or undefined where there is none. */
export function configFileOf(command: Command): string | undefined {
  const { config = 'sidetone.yaml' } = command.optsWithGlobals<{ config?: string }>();
  return existsSync(config) ? resolve(config) : undefined;
}
