import type { AudioContainer } from './sound-source.ts';

/** What reading a file through has shown. */
export type Survey =
  | {
      readonly sound: true;
      readonly container: AudioContainer;
      readonly channels: 1 | 2;
      /** Of the sound that is there. */
      readonly durationMs: number;
    }
  | { readonly sound: false; readonly what: string; readonly offsetBytes: number; readonly atMs: number | null };

/** Requests from the main thread to the thread that reads files of sound. */
export type SoundContract = {
  readonly hash: { readonly args: { readonly path: string }; readonly result: string };
  /** Decodes all of it and keeps nothing. */
  readonly survey: { readonly args: { readonly path: string }; readonly result: Survey };
  readonly open: { readonly args: { readonly reader: number; readonly path: string }; readonly result: void };
  /** At 8 kHz, an array a channel, some second of it; null at the end. */
  readonly next: { readonly args: { readonly reader: number }; readonly result: Int16Array<ArrayBuffer>[] | null };
  readonly close: { readonly args: { readonly reader: number }; readonly result: void };
};
