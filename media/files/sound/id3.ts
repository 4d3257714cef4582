import type { FileWindow } from './file-window.ts';

/** Steps over ID3v2 tags, which stand before MP3 and, at times, FLAC: their length is four bytes of seven bits. */
export async function skipId3(window: FileWindow): Promise<void> {
  for (;;) {
    const head = await window.look(10);
    if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return;
    const bytes = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((head[at] as number) & 127), 0);
    const footerBytes = ((head[5] as number) & 0x10) === 0 ? 0 : 10;
    window.step(10 + bytes + footerBytes);
  }
}
