import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Check, Checker } from './check.ts';

/**
 * Whether a server that this user starts could work with the data directory. Where one runs, it does. Root can with any,
 * and leaves files there which the user whose it is cannot touch.
 */
export const checkDataDir: Checker = ({ dataDir }, running) => {
  const check = (state: Check['state'], detail: string): readonly Check[] => [
    { name: 'data directory', state, detail: `${dataDir} ${detail}` },
  ];
  if (running) return check('ok', 'is in use: the server runs');
  const there = existsSync(dataDir);
  let dir = dataDir;
  while (!existsSync(dir)) dir = dirname(dir);
  if (!isOurs(dir)) {
    return there
      ? check('wrong', "is another user's: start the server (and this command) as that user, or chown -R it")
      : check('wrong', `cannot be made: ${dir} is another user's; make it for the server's user, or set dataDir`);
  }
  const owner = statSync(dir).uid;
  if (there && process.getuid?.() === 0 && owner !== 0) {
    return check(
      'warning',
      `is of user ${owner}, and you are root: what root's server writes there is lost to that user`,
    );
  }
  return check('ok', there ? 'is there, and ours to write' : 'is made at the first start');
};

function isOurs(dir: string): boolean {
  try {
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
