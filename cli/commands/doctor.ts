import { styleText } from 'node:util';
import { Command } from 'commander';
import type { Config } from '#lib/config/schema.ts';
import { configFileOf, configOf } from '../config.ts';
import { checkCdrFiles } from '../doctor/cdr-files.ts';
import type { Check } from '../doctor/check.ts';
import { checkDataDir } from '../doctor/data-dir.ts';
import { checkPorts } from '../doctor/ports.ts';
import { checkDatabase, checkDrachtio, checkRtpengine } from '../doctor/servers.ts';
import { checkPeers } from '../doctor/sip-peers.ts';
import {
  checkClock,
  checkDisk,
  checkHost,
  checkModel,
  checkPublicUrl,
  checkRoutes,
  checkRules,
  checkTls,
} from '../doctor/this-machine.ts';
import { fetchOwnServer } from '../own-server.ts';
import { printJson } from '../output.ts';

const checkers = [
  checkRoutes,
  checkRules,
  checkModel,
  checkHost,
  checkDataDir,
  checkDisk,
  checkClock,
  checkTls,
  checkPublicUrl,
  checkPorts,
  checkPeers,
  checkDatabase,
  checkRtpengine,
  checkDrachtio,
  checkCdrFiles,
] as const;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check this machine, the configuration and the servers it names, and say what to fix')
    .option('--json', 'print JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const config = configOf(command);
      const running = await answers(config);
      const file = configFileOf(command) ?? `there is no sidetone.yaml in ${process.cwd()}: defaults and environment`;
      const checks: Check[] = [
        { name: 'configuration', state: 'ok', detail: `no mistake found (${file})` },
        { name: 'server', state: 'ok', detail: running ? 'one of this configuration runs' : 'does not run' },
      ];
      for (const check of checkers) checks.push(...(await check(config, running)));
      if (options.json === true) printJson(checks);
      else for (const { name, state, detail } of checks) console.log(`${mark(state)} ${name}: ${detail}`);
      if (checks.some(({ state }) => state === 'wrong')) process.exitCode = 1;
    });
}

function mark(state: Check['state']): string {
  if (state === 'ok') return styleText('green', 'ok     ');
  return state === 'warning' ? styleText('yellow', 'warning') : styleText('red', 'WRONG  ');
}

function answers(config: Config): Promise<boolean> {
  return fetchOwnServer(config, '/healthz', { silenceMs: 3000 }).then(
    ({ ok }) => ok,
    () => false,
  );
}
