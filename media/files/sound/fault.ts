import { SidetoneError } from '#lib/errors.ts';

/**
 * A file of sound that cannot be taken: of a kind that is not read, or broken; its message ends with the place.
 * `offsetBytes`: where in the file the fault lies; `atMs`: after how much sound, null where that is not known.
 */
export class AudioFileFault extends SidetoneError {
  readonly what: string;
  readonly offsetBytes: number;
  readonly atMs: number | null;

  constructor(what: string, offsetBytes: number, atMs: number | null = null, options?: ErrorOptions) {
    const after = atMs === null ? '' : `, after ${clockTime(atMs)} of sound`;
    super('unsupported-audio', `${what} (at byte ${offsetBytes}${after})`, options);
    this.what = what;
    this.offsetBytes = offsetBytes;
    this.atMs = atMs;
  }
}

/** `1:02:03.4` */
function clockTime(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  return `${hours}:${two(minutes)}:${seconds < 10 ? '0' : ''}${seconds.toFixed(1)}`;
}
