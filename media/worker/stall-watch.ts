import { msToSamples } from '../types.ts';

/** A thread that runs hears of a packet or a tick at least this often. */
const noticedMs = 40;
/** libuv takes at most 32 datagrams of a socket in one poll phase: 640 ms of 20 ms packets. */
const readPerPhaseMs = 600;

/**
 * Notices that this thread was held up (a starved CPU) and for how long, and when what came meanwhile has been read.
 * Node runs timers before it reads sockets: what settles by the clock right after a stall would count as late what has
 * long been in the kernel's buffers.
 */
export class StallWatch {
  #aliveMs = performance.now();
  #heldUpMs = 0;
  #phases = 0;

  /** The thread is at work: to be called for every packet and tick. */
  alive(nowMs: number): void {
    const sinceMs = nowMs - this.#aliveMs;
    this.#aliveMs = nowMs;
    if (sinceMs > noticedMs) this.#noticed(sinceMs);
  }

  /** For so long nothing was read, and not all that came meanwhile has been since; 0: it has. */
  get heldUpMs(): number {
    return this.#heldUpMs;
  }
  get heldUpSamples(): number {
    return msToSamples(this.#heldUpMs);
  }

  #noticed(sinceMs: number): void {
    if (this.#heldUpMs === 0) setImmediate(this.#phaseDone);
    this.#heldUpMs += sinceMs;
    /** One more: the phase that is under way may have asked the kernel before the stall. */
    this.#phases = 1 + Math.ceil(this.#heldUpMs / readPerPhaseMs);
  }

  readonly #phaseDone = (): void => {
    if (--this.#phases > 0) setImmediate(this.#phaseDone);
    else this.#heldUpMs = 0;
  };
}
