import { Command } from 'commander';
import { explain, SidetoneError } from '#lib/errors.ts';
import { assuranceCommand } from './commands/assurance.ts';
import { auditCommand } from './commands/audit.ts';
import { callCommand } from './commands/call.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evalCommand } from './commands/eval.ts';
import { exportCommand } from './commands/export.ts';
import { forkCommand } from './commands/fork.ts';
import { keysCommand, usersCommand } from './commands/access.ts';
import { ingestCommand } from './commands/ingest.ts';
import { modelsCommand } from './commands/models.ts';
import { pauseCommands } from './commands/pause.ts';
import { phrasesCommand } from './commands/phrases.ts';
import { rulesCommand } from './commands/rules.ts';
import { searchCommand } from './commands/search.ts';
import { serveCommand } from './commands/serve.ts';
import { sourcesCommand } from './commands/sources.ts';
import { speakersCommand } from './commands/speakers.ts';

/**
 * Exit codes: 0 done; 1 it failed, or what was checked is wrong; 2 the call or the configuration is wrong; 3 no server,
 * no such thing; 4 not allowed.
 */
function exitCode(error: unknown): number {
  if (!(error instanceof SidetoneError)) return 1;
  if (error.code === 'config-invalid' || error.code === 'bad-request' || error.code === 'rules-invalid') return 2;
  if (error.code === 'not-found' || error.code === 'model-missing') return 3;
  return error.code === 'unauthenticated' || error.code === 'forbidden' ? 4 : 1;
}

// Commands load what is heavy (the server, the SIP engine, the recogniser) when they run: most need none of it.
const program = new Command('sidetone')
  .description('Call analytics for SIP and RTP: live transcripts, redaction, findings, search, evidence')
  .option('-c, --config <file>', 'configuration file (default: sidetone.yaml in this directory)')
  .configureHelp({ showGlobalOptions: true });
for (const command of [
  serveCommand(),
  callCommand(),
  searchCommand(),
  exportCommand(),
  ingestCommand(),
  ...pauseCommands(),
  forkCommand(),
  sourcesCommand(),
  assuranceCommand(),
  auditCommand(),
  rulesCommand(),
  modelsCommand(),
  phrasesCommand(),
  speakersCommand(),
  usersCommand(),
  keysCommand(),
  evalCommand(),
  doctorCommand(),
  demoCommand(),
]) {
  program.addCommand(command);
}

/** A wrong option or argument, wherever it stands, is 2; commander's own is 1, which says that something failed. */
function exitsWith2(command: Command): void {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  command.commands.forEach(exitsWith2);
}
exitsWith2(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`sidetone: ${explain(error)}\n`);
  process.exitCode = exitCode(error);
}
