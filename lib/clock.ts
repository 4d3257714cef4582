/** Time as the code sees it, so that a test can run a 30 s rule in no time. */
export interface Clock {
  /** Wall clock, ms since 1970. */
  nowEpochMs(): number;
  /** Monotonic, ms since an arbitrary start: for every duration and deadline. */
  nowMs(): number;
}

export const systemClock: Clock = {
  nowEpochMs: () => Date.now(),
  nowMs: () => performance.now(),
};
