import { Command } from 'commander';
import { serve } from '../../main.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the server (npm start does the same)')
    .action(async (_options, command) => {
      const { config } = (command as Command).optsWithGlobals<{ config?: string }>();
      await serve(config);
      process.exit(0);
    });
}
