import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor, Json } from '#db/types.ts';
import { systemCode } from '#lib/errors.ts';
import { HashedFile, type WrittenFile } from './hashed-file.ts';
import type { ExportedCall } from './table.ts';
import { tables, toCsv, toJsonLine } from './tables.ts';

export interface ExportRequest {
  readonly exportId: string;
  readonly madeBy: Actor;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly scope: Json;
}

/** What an export holds, written last into `manifest.json` beside the files. */
export interface Manifest extends ExportRequest {
  readonly format: 'sidetone-export/1';
  readonly calls: readonly string[];
  /** Recordings that are not in it, and why. */
  readonly withoutRecording: readonly { readonly callId: string; readonly why: string }[];
  readonly files: readonly WrittenFile[];
}

export const manifestName = 'manifest.json';

/**
 * Writes one export into `folder`, which must not be there yet; it appears whole or not at all. `calls` is read once,
 * one call in memory at a time; `recordingFile` gives the absolute path of a call's WAV, undefined where it has none.
 */
export async function writeExport(
  folder: string,
  request: ExportRequest,
  calls: AsyncIterable<ExportedCall>,
  recordingFile: (call: ExportedCall) => string | undefined,
): Promise<{ readonly manifest: Manifest; readonly manifestFile: WrittenFile }> {
  const draft = `${folder}.part`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    const written = await writeFiles(draft, request, calls, recordingFile);
    await rename(draft, folder);
    return written;
  } catch (thrown) {
    await rm(draft, { recursive: true, force: true });
    throw thrown;
  }
}

async function writeFiles(
  draft: string,
  request: ExportRequest,
  calls: AsyncIterable<ExportedCall>,
  recordingFile: (call: ExportedCall) => string | undefined,
): Promise<{ readonly manifest: Manifest; readonly manifestFile: WrittenFile }> {
  const open: HashedFile[] = [];
  const create = async (name: string): Promise<HashedFile> => {
    const file = await HashedFile.create(join(draft, name));
    open.push(file);
    return file;
  };
  try {
    const jsonl = await create('calls.jsonl');
    const sheets = [];
    for (const table of tables) {
      const file = await create(table.file);
      await file.write(toCsv([table.columns]));
      sheets.push({ table, file });
    }
    const callIds: string[] = [];
    const sounds: WrittenFile[] = [];
    const withoutRecording: { callId: string; why: string }[] = [];
    for await (const call of calls) {
      const { callId } = call.detail.call;
      callIds.push(callId);
      await jsonl.write(toJsonLine(call));
      for (const { table, file } of sheets) await file.write(toCsv(table.rows(call)));
      const sound = await copySound(draft, callId, recordingFile(call));
      if (sound === undefined) withoutRecording.push({ callId, why: whyNoRecording(call) });
      else sounds.push(sound);
    }
    const files: WrittenFile[] = [];
    for (const file of open) files.push(await file.finish());
    files.push(...sounds);
    open.length = 0;
    const manifest: Manifest = { format: 'sidetone-export/1', ...request, calls: callIds, withoutRecording, files };
    const manifestOut = await HashedFile.create(join(draft, manifestName));
    await manifestOut.write(`${JSON.stringify(manifest, null, 2)}\n`);
    return { manifest, manifestFile: await manifestOut.finish() };
  } finally {
    await Promise.allSettled(open.map((file) => file.abandon()));
  }
}

async function copySound(draft: string, callId: string, source: string | undefined): Promise<WrittenFile | undefined> {
  if (source === undefined) return undefined;
  const path = join(draft, `recording-${callId}.wav`);
  const file = await HashedFile.create(path);
  try {
    await file.copyFrom(source);
    return await file.finish();
  } catch (thrown) {
    await file.abandon();
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
    await rm(path, { force: true });
    return undefined;
  }
}

function whyNoRecording({ detail: { call, recording } }: ExportedCall): string {
  if (call.record === 'none') return 'the call was not to be recorded';
  if (recording === null) return 'the call has no recording';
  return recording.failure ?? (recording.path === null ? 'nothing was kept' : 'the file is not there');
}
