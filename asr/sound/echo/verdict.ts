import { frameSamples } from '../facts.ts';
import type { EchoView } from './judge.ts';

/** Of the power of a stretch that is taken for a copy, how much the other channel must explain. */
const wholly = 0.9;
/** The same of a single word in a stretch that is not all copied: somebody is known to speak here. */
const wordWholly = 0.97;
/** Of a frame, so much is left over when somebody speaks here. */
const ownShare = 0.4;
/** Frames this much under the loud ones of their stretch are pauses and echoes of the echo: 17 dB. */
const faint = 0.02;
/** So many frames in a row of one's own are speech: 96 ms. */
const ownFrames = 3;
/** Frames over which a share is taken, on either side. */
const around = 1;

/** Whether all that is heard in the stretch is a copy. Somebody who says a short word into it has not been copied. */
export function isAllEcho(view: EchoView): boolean {
  const { power, residual } = view;
  if (view.explained < wholly) return false;
  const loud = power.toSorted()[Math.floor(power.length * 0.9)]! * faint;
  let own = 0;
  for (let frame = 0; frame < power.length; frame += 1) {
    const from = Math.max(0, frame - around);
    const here = sum(power, from, frame + around + 1);
    const left = sum(residual, from, frame + around + 1);
    own = power[frame]! > loud && left > here * ownShare ? own + 1 : 0;
    if (own >= ownFrames) return false;
  }
  return true;
}

/** Whether the samples `from` to `to` of the stretch are a copy: of a word within it. */
export function isEcho({ power, residual }: EchoView, from: number, to: number): boolean {
  const first = Math.max(0, Math.floor(from / frameSamples));
  const end = Math.max(first + 1, Math.ceil(to / frameSamples));
  const whole = sum(power, first, end);
  return whole > 0 && 1 - sum(residual, first, end) / whole >= wordWholly;
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let at = from; at < Math.min(to, values.length); at += 1) total += values[at]!;
  return total;
}
