/**
 * `npm run bench [-- NAME...] [-- --speech DIR]`: every bench, or those named, one after the other, each in a process of
 * its own; figures as JSON, one object each. Those that listen to people need a folder of speech (manifest.jsonl with
 * path, text and speaker a line) and are left out, by name, where there is none.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '../test/server.ts';

interface Bench {
  readonly name: string;
  readonly args: readonly string[];
  /** Option that takes the folder of speech. */
  readonly speechOption?: string;
}

const benches: readonly Bench[] = [
  { name: 'media-relay', args: [] },
  { name: 'impairments', args: [] },
  { name: 'siprec', args: [] },
  { name: 'sip-setup', args: [] },
  { name: 'call-to-search', args: [] },
  { name: 'recognisers', args: [], speechOption: '--speech' },
  { name: 'asr-live', args: ['--calls', '6', '--seconds', '120'], speechOption: '--corpus' },
  { name: 'ingest', args: [], speechOption: '--speech' },
  { name: 'reader-calls', args: ['--calls', '20'], speechOption: '--speech' },
];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { speech: { type: 'string', default: '../shared/speech/librispeech_resemblyzer' } },
});
const speech = resolve(values.speech);
let failed = 0;
for (const { name, args, speechOption } of benches) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  if (speechOption !== undefined && !existsSync(speech)) {
    process.stderr.write(`\n--- ${name}: left out, no speech in ${speech} (--speech DIR) ---\n`);
    continue;
  }
  process.stderr.write(`\n--- ${name} ---\n`);
  const speechArgs = speechOption === undefined ? [] : [speechOption, speech];
  const { status } = spawnSync(process.execPath, [`bench/${name}.ts`, ...args, ...speechArgs], {
    cwd: repository,
    stdio: 'inherit',
  });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
