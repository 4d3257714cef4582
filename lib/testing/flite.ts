import { execFileSync } from 'node:child_process';

/** Whether Debian's flite is here to speak: tests that need it are skipped by name where it is not. */
export const hasFlite = ((): boolean => {
  try {
    execFileSync('flite', ['-lv'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
