import { AudioFileFault } from '../fault.ts';
import type { FileWindow } from '../file-window.ts';
import { readOggPage, type OggPage } from './pages.ts';

const mostPacketBytes = 1 << 20;

/** The packets of the one logical stream of a file, page by page. */
export class OggPackets {
  readonly #window: FileWindow;
  #serial: number | undefined;
  #sequence = 0;
  #ended = false;
  #open: Uint8Array[] = [];
  #openBytes = 0;

  constructor(window: FileWindow) {
    this.#window = window;
  }

  /**
   * The packets that end on the next page; undefined after the last. `atMs`: how much sound there was, for messages.
   * @throws AudioFileFault damaged, cut, pages missing, or more than one stream
   */
  async next(atMs: number | null): Promise<{ readonly page: OggPage; readonly packets: Uint8Array[] } | undefined> {
    if (this.#ended) return this.#nothingMore();
    const page = await readOggPage(this.#window, atMs);
    if (page === undefined) {
      throw new AudioFileFault('Ogg that ends early: the last page is missing', this.#window.position, atMs);
    }
    if (this.#serial === undefined) {
      this.#serial = page.serial;
      this.#sequence = page.sequence;
    } else if (page.serial !== this.#serial) throw new AudioFileFault(moreThanOne, page.offsetBytes, atMs);
    if (page.sequence !== this.#sequence++) throw new AudioFileFault('Ogg with pages missing', page.offsetBytes, atMs);
    if (page.isContinued !== this.#open.length > 0) {
      throw new AudioFileFault('Ogg with half a packet', page.offsetBytes, atMs);
    }
    this.#ended = page.isLast;
    return { page, packets: this.#packetsOf(page, atMs) };
  }

  async #nothingMore(): Promise<undefined> {
    const rest = await this.#window.look(4);
    if (rest.toString('latin1', 0, 4) === 'OggS') throw new AudioFileFault(moreThanOne, this.#window.position);
    return undefined;
  }

  #packetsOf({ lacing, body, offsetBytes }: OggPage, atMs: number | null): Uint8Array[] {
    const packets: Uint8Array[] = [];
    let start = 0;
    let at = 0;
    for (const length of lacing) {
      at += length;
      if (length === 255) continue;
      const part = body.subarray(start, at);
      packets.push(this.#open.length === 0 ? part : Buffer.concat([...this.#open, part]));
      this.#open = [];
      this.#openBytes = 0;
      start = at;
    }
    if (at > start || lacing.at(-1) === 255) {
      this.#openBytes += at - start;
      if (this.#openBytes > mostPacketBytes) throw new AudioFileFault('Ogg with an endless packet', offsetBytes, atMs);
      this.#open.push(Uint8Array.from(body.subarray(start, at)));
    }
    return packets;
  }
}

const moreThanOne = 'Ogg with more than one stream';
