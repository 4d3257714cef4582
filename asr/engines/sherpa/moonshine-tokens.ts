import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenPiece } from '../../text/tokens.ts';

/** Moonshine's vocabulary: the tokenizer's pieces, and ids past them that carry no text. */
const vocabulary = 32_768;

/**
 * tokens.txt as sherpa-onnx reads it beside a merged Moonshine: the bytes of a token as base64 and its id, a line each.
 * Written anew at each start, which takes less than checking it would.
 */
export async function moonshineTokensFile(cacheDir: string): Promise<string> {
  const lines = Array.from(
    { length: vocabulary },
    (_, id) => `${Buffer.from(tokenPiece(id)).toString('base64')} ${id}\n`,
  );
  await mkdir(cacheDir, { recursive: true });
  const path = join(cacheDir, 'moonshine-tokens.txt');
  const own = `${path}.${process.pid}`;
  await writeFile(own, lines.join(''));
  await rename(own, path);
  return path;
}
