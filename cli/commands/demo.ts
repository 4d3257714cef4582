import { resolve } from 'node:path';
import { Command } from 'commander';
import { SidetoneError } from '#lib/errors.ts';

interface DemoOptions {
  readonly exit?: true;
  readonly dataDir: string;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'start a server, place a call between two people through it, and show what becomes of it; SIDETONE_HTTP_PORT ' +
        'and the like count, a configuration file does not',
    )
    .option('--data-dir <dir>', 'where the demonstration keeps its data', './data/demo')
    .option('--exit', 'stop after the call (the default where nobody watches: stdin is no terminal)')
    .action(async (options: DemoOptions, command: Command) => {
      if (command.optsWithGlobals<{ config?: string }>().config !== undefined)
        throw new SidetoneError('bad-request', 'the demonstration reads no configuration file: set SIDETONE_* instead');
      const { runDemo } = await import('../demonstration.ts');
      await runDemo(resolve(options.dataDir), options.exit === true || !process.stdin.isTTY);
      process.exit(0);
    });
}
