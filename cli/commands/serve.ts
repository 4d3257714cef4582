import { Command } from 'commander';

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the server (npm start does the same)')
    .action(async (_options, command) => {
      const { config } = (command as Command).optsWithGlobals<{ config?: string }>();
      const { serve } = await import('../../main.ts');
      await serve(config);
      process.exit(0);
    });
}
