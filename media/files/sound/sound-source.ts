export const audioContainers = ['wav', 'flac', 'mp3', 'ogg-opus'] as const;
export type AudioContainer = (typeof audioContainers)[number];

export const lowestRateHz = 6000;
export const highestRateHz = 48_000;

/** A file of sound whose head has been read. */
export interface SoundSource {
  readonly container: AudioContainer;
  readonly channels: 1 | 2;
  /** Of the file. */
  readonly sampleRateHz: number;
  /** Null where the head does not say: then reading it all tells. */
  readonly durationS: number | null;
  /** Of what `samples` gives. */
  readonly rateHz: number;
  /**
   * One array a channel, of one length; valid until the next are asked for.
   * @throws AudioFileFault where the file breaks off or is damaged
   */
  samples(): AsyncGenerator<readonly Int16Array[]>;
}
