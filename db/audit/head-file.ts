import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '#lib/errors.ts';
import { writeWhole } from '../whole-file.ts';

/** The head of the chain as it is kept outside the database. */
export interface Head {
  readonly sequence: number;
  readonly hash: Buffer;
  readonly signature: Buffer;
}

/**
 * `head.json`: replaced whole after each append. `alarm-*.json`: a head that the database did not bear out at some
 * start, kept so that going on does not cover it up; verify reports it until somebody has looked and removed the file.
 * `verified.json`, of the same form: the row up to which the background check (watch.ts) has found all right.
 */
export class HeadFile {
  readonly #dir: string;
  readonly #path: string;
  readonly #keyId: string;

  constructor(dir: string, keyId: string, name = 'head.json') {
    this.#dir = dir;
    this.#path = join(dir, name);
    this.#keyId = keyId;
  }

  /** Undefined when there is none; `wrong` when it cannot be read as one. @throws what the disk says */
  read(): Head | 'wrong' | undefined {
    try {
      return parseHead(readFileSync(this.#path, 'utf8')) ?? 'wrong';
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return undefined;
      throw thrown;
    }
  }

  /** @throws what the disk says */
  write(head: Head, atEpochMs: number): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const text = JSON.stringify({
      sequence: head.sequence,
      hash: head.hash.toString('hex'),
      signature: head.signature.toString('hex'),
      keyId: this.#keyId,
      at: new Date(atEpochMs).toISOString(),
    });
    writeWhole(this.#path, `${text}\n`);
  }

  /** As if there had never been one. @throws what the disk says */
  clear(): void {
    rmSync(this.#path, { force: true });
  }

  /** Moves the head aside as an alarm; where there is none, that it is missing is the alarm. */
  raiseAlarm(atEpochMs: number): void {
    const alarm = join(this.#dir, `alarm-${new Date(atEpochMs).toISOString().replaceAll(':', '')}.json`);
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    try {
      renameSync(this.#path, alarm);
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
      writeFileSync(alarm, '{"head":"missing"}\n', { mode: 0o600 });
    }
  }

  alarms(): readonly string[] {
    try {
      return readdirSync(this.#dir).filter((name) => name.startsWith('alarm-'));
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return [];
      throw thrown;
    }
  }
}

function parseHead(text: string): Head | undefined {
  try {
    const value = JSON.parse(text) as { sequence?: unknown; hash?: unknown; signature?: unknown };
    if (typeof value.sequence !== 'number' || typeof value.hash !== 'string' || typeof value.signature !== 'string')
      return undefined;
    return {
      sequence: value.sequence,
      hash: Buffer.from(value.hash, 'hex'),
      signature: Buffer.from(value.signature, 'hex'),
    };
  } catch {
    return undefined;
  }
}
