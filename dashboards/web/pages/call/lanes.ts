import type { PartySide } from '#sip/types.ts';

/**
 * As `GET /calls/{callId}/peaks` gives them: the loudest sample of each stretch, 0 to 1. `caller` is the left channel and
 * `callee` the right, whoever is heard there.
 */
export interface Peaks {
  readonly durationMs: number;
  readonly caller: readonly number[];
  readonly callee: readonly number[];
}

/** A channel of the recording and who is heard in it. */
export interface Lane {
  readonly sides: readonly PartySide[];
  readonly peaks: readonly number[];
}

/**
 * Top to bottom: the channel of the caller above, also where caller and callee were put right afterwards. What both
 * channels carry alike (one stream of all) is one lane.
 */
export function lanesOf(
  { caller: left, callee: right }: Peaks,
  channels: { readonly left: readonly PartySide[]; readonly right: readonly PartySide[] },
): readonly Lane[] {
  const lanes: readonly Lane[] = [
    { sides: channels.left, peaks: left },
    { sides: channels.right, peaks: right },
  ];
  if (lanes.every(({ sides }) => sides.every((side) => side === 'mixed'))) return lanes.slice(0, 1);
  return channels.right.includes('caller') ? lanes.toReversed() : lanes;
}
