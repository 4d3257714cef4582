import { open } from 'node:fs/promises';
import type { CdrFileConfig } from '#lib/config/schema.ts';
import { systemCode, toError } from '#lib/errors.ts';
import { cdrPaths } from '../../analytics/assurance/cdr/cdr-paths.ts';
import { CdrLineReader } from '../../analytics/assurance/cdr/read-line.ts';
import type { Check, Checker } from './check.ts';

const tailBytes = 64 * 1024;
const headBytes = 16 * 1024;
const mostLines = 50;
/** Clocks differ; time zones do so by a quarter of an hour at least. */
const futureMs = 600_000;

/** Each CDR file can be read, its latest lines are records, and none of them is from the future. */
export const checkCdrFiles: Checker = async ({ assurance: { cdr } }) => {
  const checks: Check[] = [];
  for (const file of cdr) checks.push(await checkCdrFile(file));
  return checks;
};

async function checkCdrFile(file: CdrFileConfig): Promise<Check> {
  const name = `CDRs of ${file.sourceName}`;
  const path = (await cdrPaths(file.path)).at(-1);
  if (path === undefined)
    return { name, state: 'warning', detail: `no file is like ${file.path} yet: does the PBX write there?` };
  try {
    const { header, latest } = await readEnds(path);
    const reader = new CdrLineReader(file, null);
    reader.read(header);
    const read = latest.map((line) => reader.read(line));
    const starts = read.flatMap((line) => (line.kind === 'record' ? Date.parse(line.record.startedAt) : []));
    const problems = read.flatMap((line) => (line.kind === 'bad' ? line.problem : []));
    const total = starts.length + problems.length;
    if (total === 0) return { name, state: 'ok', detail: `${path} has no records yet` };
    if (starts.length === 0) {
      const detail = `none of the last ${total} lines of ${path} is a record (${problems[0]}): is the layout ${file.layout}?`;
      return { name, state: 'wrong', detail };
    }
    const newest = Math.max(...starts);
    const at = new Date(newest).toISOString();
    if (newest > Date.now() + futureMs)
      return {
        name,
        state: 'wrong',
        detail: `the newest call of ${path} began at ${at}: mend timeZone (${file.timeZone})`,
      };
    const bad = problems.length === 0 ? '' : `, ${problems.length} lines are none (${problems[0]})`;
    const state = problems.length === 0 ? 'ok' : 'warning';
    return {
      name,
      state,
      detail: `${starts.length} of the last ${total} lines are records${bad}; the newest began ${at}`,
    };
  } catch (error) {
    const why = systemCode(error) ?? toError(error).message;
    return { name, state: 'wrong', detail: `${path} cannot be read (${why}): the server's user needs the right to` };
  }
}

async function readEnds(path: string): Promise<{ readonly header: string; readonly latest: readonly string[] }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = async (from: number, length: number): Promise<string> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      return buffer.toString('utf8', 0, bytesRead);
    };
    const header = (await read(0, Math.min(headBytes, size))).split('\n')[0] ?? '';
    const from = Math.max(0, size - tailBytes);
    const lines = (await read(from, size - from)).split('\n');
    // The first may be half a line, or the header; the last is what is written just now, or empty.
    const whole = lines.slice(from === 0 ? 0 : 1, -1).filter((line) => line !== header || from > 0);
    return { header, latest: whole.slice(-mostLines) };
  } finally {
    await file.close();
  }
}
