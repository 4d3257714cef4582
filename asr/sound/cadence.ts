import type { SoundKind } from '../types.ts';

/** A tone of the network or of a machine: what it sounds like and how it comes and goes. */
export interface CadencePlan {
  readonly kind: Extract<SoundKind, 'ringback' | 'busy' | 'fax'>;
  readonly hz: readonly number[];
  readonly onMs: readonly number[];
  /** Empty: it comes once. */
  readonly offMs: readonly number[];
  /** So many whole pulses make it certain. */
  readonly atLeast: number;
}

/**
 * ITU-T E.180 supplement 2 (tones by country), ANSI T1.401 (precise tone plan of North America), ITU-T T.30 (fax).
 * Congestion counts as busy.
 */
export const cadencePlans: readonly CadencePlan[] = [
  // North America.
  { kind: 'ringback', hz: [440, 480], onMs: [2000], offMs: [4000], atLeast: 1 },
  { kind: 'busy', hz: [480, 620], onMs: [500], offMs: [500], atLeast: 2 },
  { kind: 'busy', hz: [480, 620], onMs: [250], offMs: [250], atLeast: 3 },
  // United Kingdom.
  { kind: 'ringback', hz: [400, 450], onMs: [400], offMs: [200, 2000], atLeast: 2 },
  { kind: 'busy', hz: [400], onMs: [375], offMs: [375], atLeast: 3 },
  { kind: 'busy', hz: [400], onMs: [400, 225], offMs: [350, 525], atLeast: 3 },
  // Germany and most of Europe.
  { kind: 'ringback', hz: [425], onMs: [1000], offMs: [4000], atLeast: 2 },
  { kind: 'busy', hz: [425], onMs: [480], offMs: [480], atLeast: 3 },
  { kind: 'busy', hz: [425], onMs: [240], offMs: [240], atLeast: 3 },
  // France.
  { kind: 'ringback', hz: [440], onMs: [1500], offMs: [3500], atLeast: 2 },
  // Calling and answering fax machine.
  { kind: 'fax', hz: [1100], onMs: [500], offMs: [3000], atLeast: 2 },
  { kind: 'fax', hz: [2100], onMs: [3300], offMs: [], atLeast: 1 },
];
