import type { Call, StoreOp } from '#analytics/types.ts';
import type { SideReports, StreamReport } from '#media/types.ts';

/** What the row of a call had not yet when an earlier version wrote it. */
type Earlier<Whole> = { readonly [Key in keyof Whole]?: Whole[Key] };

/**
 * An op as this version writes it: the journal may hold what an earlier one wrote, of before the update. What that did
 * not know is filled in as the migrations do for its rows.
 */
export function broughtUpToDate(op: StoreOp): StoreOp {
  if (op.op !== 'call') return op;
  const call: Call = op.call;
  const known: Earlier<Call> = call;
  if (known.sourceName !== undefined) return op;
  return {
    op: 'call',
    call: {
      ...call,
      assurance: null,
      pauses: [],
      sourceName: call.source,
      sidesSwapped: false,
      streams: call.streams === null ? null : streamsUpToDate(call.streams),
    },
  };
}

function streamsUpToDate(streams: SideReports): SideReports {
  const unknown = { firstSample: null, endSample: null, quietSamples: 0, gaps: 0, mos: null };
  return Object.fromEntries(
    Object.entries(streams).map(([side, report]): [string, StreamReport] => [side, { ...unknown, ...report }]),
  );
}
