import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreOp } from '#analytics/types.ts';
import { newId } from '#lib/ids.ts';
import { callIdOf, parseOp, textKeyOf } from './keys.ts';

/** Beyond so many files, what is refused is counted and not kept: a mistake of ours must not fill the disk. */
const maxFiles = 1_000;

/**
 * What the database refused for good, a file an op, for whoever looks into it. Nothing stays there that is to be
 * nowhere: files of a call go with the call, and text goes when a later op replaces it.
 */
export class RefusedOps {
  readonly #dir: string;
  /** By file. */
  readonly #kept = new Map<string, { readonly callId: string; readonly textKey: string | null }>();

  /** Takes up what earlier runs left. @throws what the disk says */
  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(dir)) {
      const file = join(dir, name);
      const op = parseOp(readFileSync(file, 'utf8'));
      if (op !== undefined) this.#keep(file, op);
    }
  }

  /** @returns the file; undefined when there are too many. @throws what the disk says */
  add(op: StoreOp): string | undefined {
    if (this.#kept.size >= maxFiles) return undefined;
    const file = join(this.#dir, `${newId()}.json`);
    writeFileSync(file, JSON.stringify(op), { mode: 0o600 });
    this.#keep(file, op);
    return file;
  }

  forgetCall(callId: string): void {
    for (const [file, kept] of this.#kept) if (kept.callId === callId) this.#remove(file);
  }

  /** What the op says anew is nowhere as it was said before. */
  replacedBy(op: StoreOp): void {
    const textKey = this.#kept.size === 0 ? null : textKeyOf(op);
    if (textKey === null) return;
    for (const [file, kept] of this.#kept) if (kept.textKey === textKey) this.#remove(file);
  }

  #keep(file: string, op: StoreOp): void {
    this.#kept.set(file, { callId: callIdOf(op), textKey: textKeyOf(op) });
  }

  #remove(file: string): void {
    rmSync(file, { force: true });
    this.#kept.delete(file);
  }
}
