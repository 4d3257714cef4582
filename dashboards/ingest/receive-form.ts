import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy, { type Busboy } from 'busboy';
import { toError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import { HttpProblem } from '../http/problems.ts';

export interface ReceivedForm {
  /** In order; theirs to remove who asked. */
  readonly files: readonly { readonly name: string; readonly path: string }[];
  readonly fields: Readonly<Record<string, string>>;
  readonly bytes: number;
}

interface Limits {
  /** Of all files together. */
  readonly maxBytes: number;
  readonly maxFiles: number;
}
const maxFields = 16;
/** A list of phrases is the longest. */
const maxFieldBytes = 65_536;
/** Of a body, beside its files: fields, boundaries and headers of parts. */
const formBytes = 80_000;

/**
 * Writes the files of a multipart/form-data body (field `file`, repeatable; RFC 7578) into `dir` as they come, under
 * names of its own, mode 0600. What is not received whole leaves nothing behind.
 * @throws HttpProblem `bad-request`, `payload-too-large`; Error of Node (`ENOSPC` ...)
 */
export async function receiveForm(request: IncomingMessage, dir: string, limits: Limits): Promise<ReceivedForm> {
  const form = openForm(request, limits);
  const files: { name: string; path: string }[] = [];
  const fields: Record<string, string> = {};
  const writing: Promise<void>[] = [];
  let bytes = 0;
  const counted = (): Transform =>
    new Transform({
      transform: (chunk: Buffer, _encoding, pass) => {
        bytes += chunk.length;
        pass(bytes > limits.maxBytes ? tooLarge(limits) : null, chunk);
      },
    });
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (thrown: unknown): void => reject(toError(thrown));
      form.on('file', (field: string, content: Readable, { filename }: { readonly filename?: string }) => {
        if (field !== 'file') {
          fail(new HttpProblem('bad-request', 'form: a file in a field of another name than `file`'));
          content.resume();
          return;
        }
        const path = join(dir, newId());
        files.push({ name: filename ?? 'file', path });
        const written = pipeline(content, counted(), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
        writing.push(written);
        written.catch(fail);
      });
      form.on('field', (name, value, { valueTruncated }) => {
        if (valueTruncated) fail(new HttpProblem('bad-request', 'form: a field is too long'));
        else fields[name] = value;
      });
      form.on('filesLimit', () => fail(new HttpProblem('bad-request', `form: over ${limits.maxFiles} files`)));
      form.on('fieldsLimit', () => fail(new HttpProblem('bad-request', `form: over ${maxFields} fields`)));
      form.on('error', () => fail(new HttpProblem('bad-request', 'form: it cannot be read, or ends early')));
      request.once('close', () => {
        if (!request.complete) fail(new HttpProblem('bad-request', 'form: the connection broke off'));
      });
      form.once('close', resolve);
      request.pipe(form);
    });
    await Promise.all(writing);
    return { files, fields, bytes };
  } catch (thrown) {
    // What still comes is not read into anything; the answer goes out meanwhile.
    request.unpipe(form);
    request.resume();
    form.destroy();
    await Promise.allSettled(writing);
    await removeFiles(files);
    throw thrown;
  }
}

export async function removeFiles(files: readonly { readonly path: string }[]): Promise<void> {
  for (const { path } of files) await rm(path, { force: true });
}

function openForm(request: IncomingMessage, limits: Limits): Busboy {
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes + formBytes) {
    throw tooLarge(limits);
  }
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { files: limits.maxFiles, fields: maxFields, fieldSize: maxFieldBytes },
    });
  } catch (cause) {
    throw new HttpProblem('bad-request', 'the body is to be multipart/form-data with its boundary', { cause });
  }
}

function tooLarge({ maxBytes }: Limits): HttpProblem {
  const maxMb = Math.round(maxBytes / 2 ** 20);
  return new HttpProblem('payload-too-large', `over ${maxMb} MB at once: ingest.maxUploadMb sets the limit`);
}
