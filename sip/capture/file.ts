import { open, type FileHandle } from 'node:fs/promises';
import { CaptureFault } from './fault.ts';
import { isPcap, PcapDecoder } from './pcap.ts';
import { isPcapng, PcapngDecoder } from './pcapng.ts';
import { emptyRecord, type CaptureRecord, type RecordDecoder } from './record.ts';

/** More than the longest block that is read whole. */
const windowBytes = 2_097_152;
const readBytes = 524_288;

export interface CaptureFormat {
  readonly name: 'pcap' | 'pcapng';
  /** For a pass: the first one must begin at the start of the file, the later ones may begin at any record. */
  decoder(): RecordDecoder;
}

/** @throws CaptureFault when the file is no capture */
export async function formatOf(path: string): Promise<CaptureFormat> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(24);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const bytes = head.subarray(0, bytesRead);
    if (isPcap(bytes)) {
      const first = new PcapDecoder(bytes);
      return { name: 'pcap', decoder: () => first };
    }
    if (isPcapng(bytes)) {
      const first = new PcapngDecoder();
      let given = false;
      return {
        name: 'pcapng',
        decoder: () => {
          if (given) return new PcapngDecoder(first);
          given = true;
          return first;
        },
      };
    }
    const packed = bytes.length > 2 && bytes.readUInt16BE(0) === 0x1f8b;
    throw new CaptureFault(packed ? 'compressed: unpack it first (gunzip)' : 'neither pcap nor pcapng', 0);
  } finally {
    await file.close();
  }
}

/** A pass over the records of a file, or of a part of it, in the order of the file and in bounded memory. */
export class CapturePass {
  readonly #decoder: RecordDecoder;
  readonly #record: CaptureRecord = emptyRecord();
  #window: Buffer = Buffer.alloc(windowBytes);
  /** What is there: [at, filled) of the window, which stands at `offset` of the file. */
  #at = 0;
  #filled = 0;
  #offset: number;
  /** The file ends within a record. */
  truncated = false;

  constructor(decoder: RecordDecoder, fromOffsetBytes = 0) {
    this.#decoder = decoder;
    this.#offset = fromOffsetBytes;
  }

  /** Of the next record in the file. */
  get offsetBytes(): number {
    return this.#offset;
  }

  /**
   * Reads a piece of the file and hands every record that is whole to `onRecord`, which may say `false` to stop.
   * @returns false when the pass is over
   * @throws CaptureFault
   */
  async advance(file: FileHandle, onRecord: (record: CaptureRecord) => boolean | void): Promise<boolean> {
    if (this.#at > 0) {
      this.#window.copyWithin(0, this.#at, this.#filled);
      this.#filled -= this.#at;
      this.#at = 0;
    }
    const room = Math.min(readBytes, windowBytes - this.#filled);
    const { bytesRead } = await file.read(this.#window, this.#filled, room, this.#offset + this.#filled);
    if (bytesRead === 0) {
      this.truncated = this.#filled > 0 || this.#offset > (await file.stat()).size;
      return false;
    }
    this.#filled += bytesRead;
    return this.#decode(onRecord);
  }

  #decode(onRecord: (record: CaptureRecord) => boolean | void): boolean {
    const bytes = this.#window.subarray(0, this.#filled);
    while (this.#at < this.#filled) {
      const step = this.#decoder.step(bytes, this.#at, this.#offset, this.#record);
      if (step === 'more') return true;
      const used = this.#decoder.usedBytes;
      this.#offset += used;
      this.#at += used;
      if (this.#at > this.#filled) this.#at = this.#filled = 0;
      if (step === 'record' && onRecord(this.#record) === false) return false;
    }
    return true;
  }
}
