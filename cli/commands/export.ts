import { createWriteStream, mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createHash } from 'node:crypto';
import { Command } from 'commander';
import { SidetoneError } from '#lib/errors.ts';
import { exportDetail } from '../../dashboards/api/schemas/lists.ts';
import { callIdOf } from '../call-id.ts';
import { ApiClient } from '../api-client.ts';
import { configOf } from '../config.ts';
import { clearProgress, printJson, showProgress } from '../output.ts';

interface ExportOptions {
  readonly call?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
  readonly json?: true;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('hand over a call, or a period: CSV, JSONL, redacted WAV and a manifest with SHA-256 of each file')
    .option('--call <id>', 'one call')
    .option('--from <time>', 'calls begun at or after, ISO 8601')
    .option('--to <time>', 'calls begun before, ISO 8601')
    .option('--out <dir>', 'folder to write into (default: export-ID here)')
    .option('--json', 'print JSON')
    .action(async (options: ExportOptions, command: Command) => {
      const scope = scopeOf(options);
      const client = new ApiClient(configOf(command));
      const made = await client.send('POST', '/api/v1/exports', exportDetail, scope);
      const out = resolve(options.out ?? `export-${made.exportId}`);
      mkdirSync(out, { recursive: true });
      for (const [index, { path, sha256 }] of made.items.entries()) {
        showProgress(`${index + 1} of ${made.items.length}: ${path}`);
        const body = await client.download(`/api/v1/exports/${made.exportId}/files/${path}`);
        const written = await writeFile(body, join(out, basename(path)));
        if (written !== sha256) throw new SidetoneError('internal-error', `${path} did not arrive as it was sent`);
      }
      clearProgress();
      const { exportId, calls, files, bytes, manifestSha256 } = made;
      if (options.json === true) printJson({ exportId, calls, files, bytes, manifestSha256, out });
      else
        console.log(
          `${calls} call(s), ${made.items.length} files in ${out}\nSHA-256 of the manifest: ${manifestSha256}`,
        );
    });
}

/** Gives the SHA-256 of what was written, in hex. */
async function writeFile(body: ReadableStream<Uint8Array>, path: string): Promise<string> {
  const hash = createHash('sha256');
  const hashed = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.fromWeb(body), hashed, createWriteStream(path));
  return hash.digest('hex');
}

function scopeOf({ call, from, to }: ExportOptions): object {
  if (call !== undefined && from === undefined && to === undefined) return { callId: callIdOf(call) };
  if (call === undefined && from !== undefined && to !== undefined) return { from, to };
  throw new SidetoneError('bad-request', 'say either --call, or both --from and --to');
}
