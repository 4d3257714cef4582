/** `npm run bench`: every bench, one after the other, each in a process of its own; figures as JSON, one object each. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { repository } from '../test/server.ts';

const benches: readonly (readonly [name: string, file: string, args: readonly string[]])[] = [
  ['media-relay', 'bench/media-relay.ts', []],
  ['sip-setup', 'bench/sip-setup.ts', []],
  ['asr-live', 'bench/asr-live.ts', ['--calls', '6', '--seconds', '120']],
  ['call-to-search', 'bench/call-to-search.ts', []],
];

const { positionals } = parseArgs({ allowPositionals: true });
let failed = 0;
for (const [name, file, args] of benches) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`\n--- ${name} ---\n`);
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: repository, stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
