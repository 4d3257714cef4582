import type { Call } from '#analytics/types.ts';
import { otherSide, partySides, talkSides, type PartySide } from '#sip/types.ts';

/** Who is heard in which channel of a stereo recording. */
export interface RecordingChannels {
  readonly left: readonly PartySide[];
  readonly right: readonly PartySide[];
}

const onLeft: readonly PartySide[] = ['caller', 'mixed'];
const onRight: readonly PartySide[] = ['callee', 'other', 'mixed'];

/** As media/recording lays a call's sides out; one stream that carries all is in both channels. */
export function channelsOf(call: Pick<Call, 'streams' | 'parties' | 'sidesSwapped'>): RecordingChannels {
  const recordedAs = (side: PartySide): PartySide =>
    call.sidesSwapped && (side === 'caller' || side === 'callee') ? otherSide(side) : side;
  const sides = sidesHeard(call);
  return {
    left: sides.filter((side) => onLeft.includes(recordedAs(side))),
    right: sides.filter((side) => onRight.includes(recordedAs(side))),
  };
}

/** A call that a crash cut short has no reports of its streams: then who took part. */
function sidesHeard({ streams, parties }: Pick<Call, 'streams' | 'parties'>): readonly PartySide[] {
  const heard = new Set<string>(streams === null ? parties.map(({ side }) => side) : Object.keys(streams));
  return heard.size === 0 ? talkSides : partySides.filter((side) => heard.has(side));
}
