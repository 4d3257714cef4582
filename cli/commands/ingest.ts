import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import type { z } from 'zod';
import { explain, hasCode, SidetoneError, systemCode, toError } from '#lib/errors.ts';
import { contentHash } from '#media/files/content.ts';
import { isoTime } from '../../dashboards/api/schemas/common.ts';
import { ingestAnswer, ingestItem } from '../../dashboards/api/schemas/ingest.ts';
import { ApiClient } from '../api-client.ts';
import { configOf } from '../config.ts';
import { clearProgress, formatMs, printable, printJson, showProgress } from '../output.ts';
import { pagesUrl } from '../own-server.ts';

interface IngestOptions {
  readonly pair?: true;
  readonly swap?: true;
  readonly startedAt?: string;
  readonly source?: string;
  readonly wait: boolean;
  readonly json?: true;
}
type Taken = z.infer<typeof ingestAnswer>['items'][number];
/** What came of the files of one call. */
type Outcome = Taken | { readonly names: readonly string[]; readonly state: 'refused'; readonly fault: string };

const askEveryMs = 500;

export function ingestCommand(): Command {
  return new Command('ingest')
    .description('make calls of recordings: WAV, FLAC, MP3, Ogg Opus; pcap and pcapng with SIP and RTP')
    .argument('<file...>')
    .option('--pair', 'two files of one channel are one call: the caller, then the called party')
    .option('--swap', 'the caller is in the right channel, or in the second file of a pair')
    .option('--started-at <time>', 'when the recorded call began, ISO 8601 (default: now)')
    .option('--source <name>', 'whose calls these are (default: the name of the key)')
    .option('--no-wait', 'do not wait until the calls are there')
    .option('--json', 'print JSON')
    .action(async (files: readonly string[], options: IngestOptions, command: Command) => {
      checkOptions(files, options);
      const config = configOf(command);
      const client = new ApiClient(config);
      const outcomes: Outcome[] = [];
      for (const group of options.pair === true ? [files] : files.map((file) => [file])) {
        const outcome = await takeIn(client, group, options);
        outcomes.push(outcome);
        if (options.json !== true) tell(outcome, `${pagesUrl(config)}/calls/`);
      }
      if (options.json === true) printJson({ items: outcomes });
      if (outcomes.some(({ state }) => state === 'failed' || state === 'refused')) process.exitCode = 1;
    });
}

function checkOptions(files: readonly string[], { pair, startedAt }: IngestOptions): void {
  if (pair === true && files.length !== 2) throw new SidetoneError('bad-request', '--pair takes two files');
  if (startedAt !== undefined && !isoTime.safeParse(startedAt).success) {
    throw new SidetoneError('bad-request', '--started-at takes a time such as 2026-11-25T09:30:00Z');
  }
}

/** A file that is refused does not keep the others from being taken. */
async function takeIn(client: ApiClient, files: readonly string[], options: IngestOptions): Promise<Outcome> {
  const names = files.map((file) => basename(file));
  showProgress(`${nameOf({ names })}: reading`);
  try {
    const taken = (await takenBefore(client, files)) ?? (await send(client, files, options));
    return options.wait ? await untilDone(client, taken) : taken;
  } catch (thrown) {
    if (hasCode(thrown, 'unsupported-audio')) return { names, state: 'refused', fault: explain(thrown) };
    throw thrown;
  } finally {
    clearProgress();
  }
}

/** Asked by content before anything is sent: a command that was interrupted can be given again as it was. */
async function takenBefore(client: ApiClient, files: readonly string[]): Promise<Taken | undefined> {
  const sha256 = contentHash(await Promise.all(files.map(hashOf)));
  const known = await find(client, sha256);
  return known === undefined || known.state === 'failed' ? undefined : { ...known, isNew: false };
}

async function find(client: ApiClient, sha256: string): Promise<Omit<Taken, 'isNew'> | undefined> {
  return client.get(`/api/v1/ingest/${sha256}`, ingestItem).catch((thrown: unknown) => {
    if (hasCode(thrown, 'not-found')) return undefined;
    throw thrown;
  });
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  return hash.digest('hex');
}

async function send(client: ApiClient, files: readonly string[], options: IngestOptions): Promise<Taken> {
  let bytes = 0;
  for (const file of files) bytes += (await stat(file)).size;
  const form = await formOf(files, options);
  const name = nameOf({ names: files.map((file) => basename(file)) });
  const { items } = await client.upload('/api/v1/ingest', ingestAnswer, form, (sent) => {
    const percent = Math.min(100, Math.floor((100 * sent) / Math.max(1, bytes)));
    showProgress(`${name}: ${percent < 100 ? `sending, ${percent} %` : 'sent, being read through'}`);
  });
  const [taken] = items;
  if (taken === undefined) throw new SidetoneError('internal-error', 'the server answered without an entry');
  return taken;
}

async function formOf(files: readonly string[], { pair, swap, startedAt, source }: IngestOptions): Promise<FormData> {
  const form = new FormData();
  if (pair === true) form.set('pair', 'true');
  if (swap === true) form.set('swap', 'true');
  if (startedAt !== undefined) form.set('startedAt', startedAt);
  if (source !== undefined) form.set('source', source);
  for (const file of files) form.append('file', await blobOf(file), basename(file));
  return form;
}

async function blobOf(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): SidetoneError {
  const why = systemCode(cause) ?? toError(cause).message;
  const what = why === 'EISDIR' ? `is a folder: give the files in it, ${join(file, '*')}` : `cannot be read (${why})`;
  return new SidetoneError('bad-request', `${file}: ${what}`, { cause });
}

async function untilDone(client: ApiClient, taken: Taken): Promise<Taken> {
  let now = taken;
  while (now.state === 'waiting' || now.state === 'running') {
    showProgress(`${nameOf(now)}: ${formatMs(now.doneMs)} of ${formatMs(now.durationMs)}${rateOf(now)}`);
    await setTimeout(askEveryMs);
    const next = await find(client, taken.sha256);
    // Handed in by another before, with a key that sees its own alone; or its calls have been deleted meanwhile.
    if (next === undefined) return now;
    now = { ...next, isNew: taken.isNew };
  }
  return now;
}

function tell(outcome: Outcome, callPage: string): void {
  const name = nameOf(outcome);
  if (outcome.state === 'refused') {
    console.error(`${name}: ${outcome.fault}`);
    return;
  }
  const { state, isNew, durationMs, callIds, fault } = outcome;
  const calls = `${callIds.length} ${callIds.length === 1 ? 'call' : 'calls'}`;
  if (state === 'failed') console.error(`${name}: failed (${fault ?? 'the log of the server says why'})`);
  else if (!isNew) console.log(`${name}: taken before, ${calls}`);
  else console.log(`${name}: ${calls} of ${formatMs(durationMs)}, ${state}${rateOf(outcome)}`);
  for (const callId of callIds) console.log(`    ${callPage}${callId}`);
}

function nameOf({ names }: { readonly names: readonly string[] }): string {
  return printable(names.join(' and '));
}

function rateOf({ hoursPerHour }: Taken): string {
  return hoursPerHour === null ? '' : `, ${hoursPerHour.toFixed(1)} hours of sound an hour`;
}
