import { readFileSync } from 'node:fs';
import type { Logger } from './log.ts';

/** What of this host could let call content reach a disk behind our back; each with what to do about it. */
export function hostWarnings(): readonly string[] {
  const warnings: string[] = [];
  if (swapIsOn()) {
    warnings.push('swap is on: memory with call content may reach the disk; turn swap off, or encrypt it');
  }
  if (coreFilesAllowed()) {
    warnings.push('core files are allowed: start with npm start or npx sidetone, which set their size to 0');
  }
  return warnings;
}

export function warnAboutHost(logger: Logger): void {
  for (const warning of hostWarnings()) logger.warn({ warning }, 'this host is not safe for call content');
}

function swapIsOn(): boolean {
  // The first line of /proc/swaps is its heading (proc(5)).
  return readLines('/proc/swaps').length > 1;
}

function coreFilesAllowed(): boolean {
  const limit = readLines('/proc/self/limits').find((line) => line.startsWith('Max core file size'));
  return limit !== undefined && !/^Max core file size\s+0\s/.test(limit);
}

/** Empty where there is no /proc. */
function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
  } catch {
    return [];
  }
}
