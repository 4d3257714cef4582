import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const modulePaths = ['/usr/lib/x86_64-linux-gnu/kamailio/modules', '/usr/lib/aarch64-linux-gnu/kamailio/modules'];
/** Where Debian's Kamailio has its modules; undefined: it is not there. */
export const kamailioModules = modulePaths.find((path) => existsSync(path));

/** Whether Kamailio is there, with a module that comes in a package of its own. */
export function hasKamailioWith(module: string): boolean {
  const isThere = kamailioModules !== undefined && existsSync(join(kamailioModules, `${module}.so`));
  return isThere && spawnSync('kamailio', ['-v']).error === undefined;
}

/** One Kamailio with a configuration of the test's own, and a folder that goes with it. */
export class KamailioProcess {
  readonly #process: ChildProcess;
  readonly #home: string;
  log = '';

  /** `configuration` is told the folder, for files beside it. */
  constructor(configuration: (home: string) => string) {
    this.#home = mkdtempSync(join(tmpdir(), 'sidetone-kamailio-'));
    const file = join(this.#home, 'kamailio.cfg');
    writeFileSync(file, configuration(this.#home));
    const args = ['-DD', '-E', '-f', file, '-P', join(this.#home, 'pid'), '-Y', this.#home, '-m', '32'];
    this.#process = spawn('kamailio', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.log += text));
  }

  async close(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exit = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exit;
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}
