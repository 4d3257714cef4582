/** How packets that were not heard lie among those that were. */
export class LossRuns {
  #packets = 0;
  #lost = 0;
  #runs = 0;
  #inRun = false;

  /** The next packet of the stream. */
  add(heard: boolean): void {
    this.#packets++;
    if (heard) {
      this.#inRun = false;
      return;
    }
    this.#lost++;
    if (!this.#inRun) this.#runs++;
    this.#inRun = true;
  }

  get lossShare(): number {
    return this.#packets === 0 ? 0 : this.#lost / this.#packets;
  }

  /**
   * By the mean length of a run over that of losses by chance, 1 / (1 - share): G.107 section 7.5. 1 also where losses
   * lie more evenly than by chance.
   */
  get burstRatio(): number {
    return this.#runs === 0 ? 1 : Math.max(1, (this.#lost / this.#runs) * (1 - this.lossShare));
  }

  copy(): LossRuns {
    const copy = new LossRuns();
    copy.#packets = this.#packets;
    copy.#lost = this.#lost;
    copy.#runs = this.#runs;
    copy.#inRun = this.#inRun;
    return copy;
  }
}
