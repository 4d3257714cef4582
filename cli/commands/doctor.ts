import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { parsePortRange, type Config } from '#lib/config/schema.ts';
import { hostWarnings } from '#lib/host-checks.ts';
import { toError } from '#lib/errors.ts';
import { loadActiveRules } from '../../analytics/rules/active.ts';
import { configFileOf, configOf } from '../config.ts';
import { fetchOwnServer, ownServerUrl } from '../own-server.ts';
import { printJson } from '../output.ts';

interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'wrong';
  readonly detail: string;
}
type Checker = (config: Config, running: boolean) => Promise<readonly Check[]> | readonly Check[];

const spareDiskMb = 1024;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check this machine and configuration, and say what to fix')
    .option('--json', 'print JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const config = configOf(command);
      const running = await answers(config);
      const file = configFileOf(command) ?? `there is no sidetone.yaml in ${process.cwd()}: defaults and environment`;
      const checks: Check[] = [{ name: 'configuration', state: 'ok', detail: `no mistake found (${file})` }];
      for (const check of checkers) {
        checks.push(...(await check(config, running)));
      }
      if (options.json === true) printJson(checks);
      else for (const { name, state, detail } of checks) console.log(`${mark(state)} ${name}: ${detail}`);
      if (checks.some(({ state }) => state === 'wrong')) process.exitCode = 1;
    });
}

function mark(state: Check['state']): string {
  if (state === 'ok') return styleText('green', 'ok     ');
  return state === 'warning' ? styleText('yellow', 'warning') : styleText('red', 'WRONG  ');
}

const checkRoutes: Checker = ({ routes }) => {
  if (routes.length === 0)
    return [{ name: 'routes', state: 'ok', detail: 'none: calls go to the address that was dialled' }];
  const all = routes.findIndex(({ match }) => match === undefined);
  if (all === -1)
    return [{ name: 'routes', state: 'ok', detail: `${routes.length}; a number that matches none gets 404` }];
  const unreached = routes.length - 1 - all;
  if (unreached === 0) return [{ name: 'routes', state: 'ok', detail: `${routes.length}` }];
  const detail = `the ${unreached} after routes.${all} are never reached: it has no match and takes every call`;
  return [{ name: 'routes', state: 'warning', detail }];
};

const checkRules: Checker = (config) => {
  try {
    const rules = loadActiveRules(config);
    return [{ name: 'rules', state: 'ok', detail: `${rules.length} from ${config.rules.file ?? 'the built-in file'}` }];
  } catch (error) {
    return [{ name: 'rules', state: 'wrong', detail: toError(error).message }];
  }
};

const checkHost: Checker = () => {
  const warnings = hostWarnings();
  if (warnings.length === 0) return [{ name: 'host', state: 'ok', detail: 'no swap, no core files' }];
  return warnings.map((detail) => ({ name: 'host', state: 'warning', detail }));
};

const checkDisk: Checker = ({ dataDir }) => {
  let dir = dataDir;
  while (!existsSync(dir)) dir = dirname(dir);
  const { bavail, bsize } = statfsSync(dir);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  const hours = Math.floor((freeMb * 1e6) / (16_000 * 3600));
  const detail = `${freeMb} MB free under ${dir}, about ${hours} hours of recorded calls`;
  return [{ name: 'disk', state: freeMb < spareDiskMb ? 'warning' : 'ok', detail }];
};

const checkTls: Checker = ({ http: { tls } }) => {
  if (tls === undefined) return [];
  try {
    createSecureContext({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) });
    const { validTo } = new X509Certificate(readFileSync(tls.certFile));
    const expired = Date.parse(validTo) < Date.now();
    return [{ name: 'certificate', state: expired ? 'warning' : 'ok', detail: `good until ${validTo}` }];
  } catch (error) {
    return [{ name: 'certificate', state: 'wrong', detail: toError(error).message }];
  }
};

const checkPublicUrl: Checker = ({ http: { tlsProxy, publicUrl } }) => {
  if (!tlsProxy || publicUrl !== undefined) return [];
  const detail = 'http.tlsProxy is set and http.publicUrl is not: printed links lead to this machine, not to the proxy';
  return [{ name: 'public URL', state: 'warning', detail }];
};

const checkPorts: Checker = async (config, running) => {
  const { sip, http, rtp } = config;
  if (running)
    return [{ name: 'ports', state: 'ok', detail: `not tried: a server answers at ${ownServerUrl(config)}` }];
  const checks: Check[] = [];
  const report = (name: string, address: string, port: number, trouble: string | undefined): void => {
    checks.push({
      name,
      state: trouble === undefined ? 'ok' : 'wrong',
      detail: trouble === undefined ? `${address}:${port} is free` : `${address}:${port}: ${trouble}`,
    });
  };
  if (sip.transports.includes('udp')) report('SIP over UDP', sip.host, sip.port, await udpTrouble(sip.host, sip.port));
  if (sip.transports.includes('tcp')) report('SIP over TCP', sip.host, sip.port, await tcpTrouble(sip.host, sip.port));
  report('HTTP', http.host, http.port, await tcpTrouble(http.host, http.port));
  const range = parsePortRange(rtp.ports);
  if (range !== undefined) report('RTP (first port)', sip.host, range.first, await udpTrouble(sip.host, range.first));
  return checks;
};

const checkDatabase: Checker = async ({ databaseUrl }) => {
  if (databaseUrl === undefined) return [{ name: 'database', state: 'ok', detail: 'PGlite in the data directory' }];
  const { askPostgres, oldestPostgres } = await import('../../db/connection/version.ts');
  const answer = await askPostgres(databaseUrl);
  if ('trouble' in answer)
    return [{ name: 'database', state: 'wrong', detail: `cannot be reached: ${answer.trouble}` }];
  const supported = answer.major >= oldestPostgres;
  const detail = `PostgreSQL ${answer.major} answers${supported ? '' : `; ${oldestPostgres} or newer is needed`}`;
  return [{ name: 'database', state: supported ? 'ok' : 'wrong', detail }];
};

const checkers = [
  checkRoutes,
  checkRules,
  checkHost,
  checkDisk,
  checkTls,
  checkPublicUrl,
  checkPorts,
  checkDatabase,
] as const;

function answers(config: Config): Promise<boolean> {
  return fetchOwnServer(config, '/healthz', { silenceMs: 3000 }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function udpTrouble(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error) => resolve(error.message));
    socket.bind(port, address, () => socket.close(() => resolve(undefined)));
  });
}

function tcpTrouble(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.message));
    server.listen(port, address, () => server.close(() => resolve(undefined)));
  });
}
