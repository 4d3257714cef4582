import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';

const blockBytes = 512;
/** More than any model that is published as one archive. */
const mostBytes = 40e9;
const mostEntries = 20_000;
const mostHeaderBytes = 1 << 20;

/**
 * Unpacks a tar (ustar, with GNU's and pax's long names) into `folder`: regular files and folders, nothing else. An
 * archive with a link, a device, an absolute path or a `..` is refused as a whole; what it had written until then is for
 * the caller to remove. Nothing is ever written outside `folder`, or over what is there.
 * @throws SidetoneError `archive-refused`
 */
export async function untar(source: AsyncIterable<Uint8Array>, folder: string): Promise<void> {
  const reader = new ByteReader(source);
  let longName: string | undefined;
  let paxSize: number | undefined;
  let entries = 0;
  let bytes = 0;
  await mkdir(folder, { recursive: true });
  for (;;) {
    const block = await reader.take(blockBytes);
    if (block.every((byte) => byte === 0)) break;
    const header = readHeader(block);
    const size = paxSize ?? header.size;
    entries += 1;
    bytes += size;
    if (entries > mostEntries || bytes > mostBytes) throw refused('it is larger than any model');
    if (header.type === 'L' || header.type === 'x' || header.type === 'g') {
      if (size > mostHeaderBytes) throw refused('a header of it is too large');
      const said = (await reader.take(size)).toString().replace(/\0+$/, '');
      await reader.take(padding(size));
      if (header.type === 'L') longName = said;
      if (header.type === 'x') ({ path: longName = longName, size: paxSize = paxSize } = readPax(said));
      continue;
    }
    const path = insidePath(longName ?? header.name);
    longName = undefined;
    paxSize = undefined;
    if (header.type === '5') {
      await mkdir(join(folder, path), { recursive: true });
      await reader.take(padding(size) + size);
    } else if (header.type === '0' || header.type === '\0') {
      await writeEntry(reader, join(folder, path), size);
    } else {
      throw refused(`${path} is neither a file nor a folder`);
    }
  }
  if (entries === 0) throw refused('nothing is in it');
  await reader.drain();
}

async function writeEntry(reader: ByteReader, path: string, size: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // `wx`: an archive that names a file twice is refused rather than believed.
  const file = await open(path, 'wx', 0o644);
  try {
    await reader.copy(size, file);
  } finally {
    await file.close();
  }
  await reader.take(padding(size));
}

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

function readHeader(block: Buffer): Header {
  let sum = 0;
  block.forEach((byte, index) => {
    sum += index >= 148 && index < 156 ? 32 : byte;
  });
  if (sum !== octal(block, 148, 8)) throw refused('it is no tar, or damaged');
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: sizeIn(block),
    type: String.fromCharCode(block[156] ?? 0),
  };
}

/** Octal digits, or (GNU) a binary number marked by its first bit. */
function sizeIn(block: Buffer): number {
  if (((block[124] ?? 0) & 0x80) === 0) return octal(block, 124, 12);
  return Number(block.readBigUInt64BE(128));
}

function octal(block: Buffer, start: number, length: number): number {
  const digits = text(block, start, length).trim();
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function text(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString('utf8', start, end === -1 || end > start + length ? start + length : end);
}

/** `LENGTH KEY=VALUE\n`, one after the other. */
function readPax(records: string): { path?: string; size?: number } {
  const path = /^\d+ path=(.*)$/m.exec(records)?.[1];
  const size = /^\d+ size=(\d+)$/m.exec(records)?.[1];
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size: Number(size) }) };
}

function insidePath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..') || /[\\\0]/.test(name)) {
    throw refused(`${JSON.stringify(name)} leads outside its folder`);
  }
  return parts.join('/');
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

function refused(why: string): SidetoneError {
  return new SidetoneError('archive-refused', `the archive is refused: ${why}`);
}

class ByteReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  async take(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = bytes; missing > 0;) {
      const part = await this.#some(missing);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async copy(bytes: number, file: FileHandle): Promise<void> {
    for (let missing = bytes; missing > 0;) {
      const part = await this.#some(missing);
      for (let at = 0; at < part.length;) at += (await file.write(part, at)).bytesWritten;
      missing -= part.length;
    }
  }

  /** Padding after the end. */
  async drain(): Promise<void> {
    while ((await this.#iterator.next()).done !== true);
  }

  async #some(most: number): Promise<Buffer> {
    while (this.#chunk.length === 0) {
      const next = await this.#iterator.next();
      if (next.done === true) throw refused('it is cut short');
      this.#chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
    const part = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(part.length);
    return part;
  }
}
