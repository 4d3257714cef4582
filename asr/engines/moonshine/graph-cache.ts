import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import { buildDecoder } from './decoder-graph.ts';
import { buildEncoder } from './encoder-graph.ts';
import type { ModelFiles } from './model-files.ts';
import { ShippedWeights } from './weights.ts';

/** Raised with every change to what the builders write. */
const builderVersion = 3;

export interface LeanGraphs {
  readonly encoder: Buffer;
  readonly decoder: Buffer;
}

/**
 * Our graphs for the shipped weights: read from `cacheDir`, or built (a second) and left there for the next start. Their
 * names hold a hash of the shipped files and of the builder's version, so a file there is never out of date. A cache that
 * cannot be written costs that second at each start and a warning, no more.
 */
export async function leanGraphs(files: ModelFiles, cacheDir: string, logger: Logger): Promise<LeanGraphs> {
  const shippedEncoder = await readFile(files.encoderPath);
  const shippedDecoder = await readFile(files.decoderPath);
  const hash = createHash('sha256').update(`${builderVersion} `).update(shippedEncoder).update(shippedDecoder);
  const stem = join(cacheDir, `moonshine-tiny-${hash.digest('hex').slice(0, 16)}`);
  const paths = { encoder: `${stem}-encoder.onnx`, decoder: `${stem}-decoder.onnx` };
  const cached = await Promise.all([readSealed(paths.encoder), readSealed(paths.decoder)]);
  const [encoder, decoder] = cached;
  if (encoder !== undefined && decoder !== undefined) return { encoder, decoder };

  const decoderWeights = new ShippedWeights(shippedDecoder, '/model/decoder');
  const graphs = {
    encoder: buildEncoder(new ShippedWeights(shippedEncoder, ''), decoderWeights),
    decoder: buildDecoder(decoderWeights),
  };
  try {
    await mkdir(cacheDir, { recursive: true });
    await writeSealed(paths.encoder, graphs.encoder);
    await writeSealed(paths.decoder, graphs.decoder);
  } catch (thrown) {
    logger.warn({ err: toError(thrown), cacheDir }, 'recogniser graphs could not be kept for the next start');
  }
  return graphs;
}

/** A file is its content and then the content's SHA-256: half a file, or one with a flipped bit, is built again. */
async function readSealed(path: string): Promise<Buffer | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length < 32) return undefined;
  const content = bytes.subarray(0, -32);
  return createHash('sha256').update(content).digest().equals(bytes.subarray(-32)) ? content : undefined;
}

/** Several processes may start at once: each writes a file of its own and renames it into place. */
async function writeSealed(path: string, content: Buffer): Promise<void> {
  const own = `${path}.${process.pid}`;
  await writeFile(own, Buffer.concat([content, createHash('sha256').update(content).digest()]));
  await rename(own, path);
}
