import type { ChannelSide } from '#sip/types.ts';

/** Whether somebody else may speak on `side` than on `than`: it is another side, or a stream that carries everybody. */
export function maySpeakOther(side: ChannelSide, than: ChannelSide): boolean {
  return side !== than || side === 'mixed';
}
