import type { SoundKind, SoundLevels } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { BySide, SideSound } from '../types.ts';
import { intersection, totalMs, union, type Interval } from './intervals.ts';

export interface SoundHeard extends Interval {
  readonly side: ChannelSide;
  readonly kind: SoundKind;
}

/** dBFS that stand for 0 of 100; 0 dBFS is 100. */
const silentDbfs = -60;
/** A second counts for a side's pitch and signal-to-noise when so much of it is speech. */
const leastSpeech = 0.3;

/**
 * Of each side with levels. Loudness is of every second of the timeline, from its beginning to the end of the window;
 * the other figures are of the window.
 */
export function soundFigures(
  levels: ReadonlyMap<ChannelSide, readonly SoundLevels[]>,
  sounds: readonly SoundHeard[],
  window: Interval,
): BySide<SideSound> {
  return Object.fromEntries(
    Array.from(levels, ([side, of]): [ChannelSide, SideSound] => {
      const music = sounds.filter((sound) => sound.side === side && sound.kind === 'music');
      return [
        side,
        {
          loudness: loudnessOf(of, window.endMs),
          snrDb: medianWhileSpeaking(of, window, ({ snrDb }) => snrDb),
          pitchHz: medianWhileSpeaking(of, window, ({ pitchHz }) => pitchHz),
          musicMs: totalMs(intersection(union(music), [window])),
        },
      ];
    }),
  );
}

/** A value for each second from the beginning of the timeline; null where nothing is known. */
function loudnessOf(levels: readonly SoundLevels[], endMs: number): (number | null)[] {
  const loudness = Array.from({ length: Math.ceil(endMs / 1000) }, (): number | null => null);
  for (const { startMs, levelDbfs } of levels) {
    levelDbfs.forEach((dbfs, index) => {
      const second = startMs / 1000 + index;
      if (second < loudness.length) loudness[second] = toLoudness(dbfs);
    });
  }
  return loudness;
}

/** 0 to 100, in equal steps of dB. */
export function toLoudness(dbfs: number): number {
  return Math.round(Math.min(100, Math.max(0, ((dbfs - silentDbfs) / -silentDbfs) * 100)));
}

function medianWhileSpeaking(
  levels: readonly SoundLevels[],
  window: Interval,
  figure: (levels: SoundLevels) => readonly (number | null)[],
): number | null {
  const values = levels.flatMap((each) =>
    figure(each).flatMap((value, index) => {
      const atMs = each.startMs + index * each.stepMs;
      const isInside = atMs + each.stepMs > window.startMs && atMs < window.endMs;
      return value !== null && isInside && (each.speech[index] ?? 0) >= leastSpeech ? [value] : [];
    }),
  );
  values.sort((a, b) => a - b);
  const middle = values[values.length >> 1];
  return middle === undefined ? null : Math.round(middle);
}
