import type { ChannelSide } from '#sip/types.ts';
import type { Interval } from '../metrics/intervals.ts';
import type { VoiceMatch } from '../types.ts';

/** One voice of a call and where it is heard by itself, ms on the call's timeline. */
export interface VoiceSample {
  readonly side: ChannelSide;
  /** As in `Voice.label`. */
  readonly label: string | null;
  readonly stretches: readonly Interval[];
}

/** Whose voice it is. */
export interface NamedVoice extends VoiceMatch {
  readonly side: ChannelSide;
  readonly label: string | null;
  readonly name: string;
}
