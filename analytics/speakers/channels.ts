import type { ChannelSide } from '#sip/types.ts';
import { otherSide } from '#sip/types.ts';
import { complement, union, type Interval } from '../metrics/intervals.ts';
import type { Utterance } from '../types.ts';
import type { VoiceSample } from './types.ts';

/** The channel of the recording in which a side lies: left the caller, right everybody else; `mixed` is in both. */
export function channelOf(side: ChannelSide, sidesSwapped: boolean): 0 | 1 {
  const recordedAs = sidesSwapped && (side === 'caller' || side === 'callee') ? otherSide(side) : side;
  return recordedAs === 'caller' || recordedAs === 'mixed' ? 0 : 1;
}

/** A voice without what others say at the same time in its channel. */
export function aloneInChannel(voice: VoiceSample, all: readonly VoiceSample[]): readonly Interval[] {
  const channel = channelOf(voice.side, false);
  const others = all.filter((other) => other.side !== voice.side && channelOf(other.side, false) === channel);
  const taken = union(others.flatMap(({ stretches }) => stretches));
  return voice.stretches.flatMap((stretch) => complement(taken, stretch));
}

/** The voices of a stored call, by its utterances; where two speak at once is left out. */
export function voicesOf(utterances: readonly Utterance[]): readonly VoiceSample[] {
  const byVoice = Map.groupBy(utterances, ({ side, voice }) => `${side} ${voice?.label ?? ''}`);
  return [...byVoice.values()].flatMap((spoken): readonly VoiceSample[] => {
    const [first] = spoken;
    if (first === undefined) return [];
    const alone = spoken.filter(({ voice }) => voice?.overlaps !== true);
    return [{ side: first.side, label: first.voice?.label ?? null, stretches: union(alone) }];
  });
}
