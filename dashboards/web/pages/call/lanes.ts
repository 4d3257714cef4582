import type { PartySide } from '#sip/types.ts';

type LaneName = 'caller' | 'callee';

/**
 * As `GET /calls/{callId}/peaks` gives them: the loudest sample of each stretch, 0 to 1, of the channel in which the
 * caller is heard and of the other one; `lanes` says who else is heard there.
 */
export interface Peaks extends Readonly<Record<LaneName, readonly number[]>> {
  readonly durationMs: number;
  readonly lanes: Readonly<Record<LaneName, { readonly sides: readonly PartySide[] }>>;
}

/** A channel of the recording and who is heard in it. */
export interface Lane {
  readonly sides: readonly PartySide[];
  readonly peaks: readonly number[];
}

/** Top to bottom, the caller above. What both channels carry alike (one stream of all) is one lane. */
export function lanesOf({ caller, callee, lanes: { caller: above, callee: below } }: Peaks): readonly Lane[] {
  const lanes: readonly Lane[] = [
    { sides: above.sides, peaks: caller },
    { sides: below.sides, peaks: callee },
  ];
  return lanes.every(({ sides }) => sides.every((side) => side === 'mixed')) ? lanes.slice(0, 1) : lanes;
}
