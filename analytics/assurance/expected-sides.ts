import type { ChannelSide, Party } from '#sip/types.ts';

/**
 * The streams that a call should have: every one that it has, and those of caller and callee as signalling named them.
 * One stream may carry them all. A third party without one may well have none.
 */
export function sidesExpected(channels: readonly ChannelSide[], parties: readonly Party[]): readonly ChannelSide[] {
  const sides = new Set(channels);
  if (sides.has('mixed')) return [...sides];
  for (const { side } of parties) if (side === 'caller' || side === 'callee') sides.add(side);
  return [...sides];
}
