/** More transfers of one leg than anybody waits for at once. */
const mostKnown = 16;

/**
 * A REFER opens a subscription, which both ends may name by the REFER's CSeq number: `Event: refer;id=93809823` in its
 * NOTIFYs (RFC 3515 section 2.4.6). Each leg counts for itself, so the number is another one on the other leg.
 */
export class ReferIds {
  /** CSeq of the REFER that we sent on this leg, to that of the one that we got on the other. */
  readonly #others = new Map<number, number>();

  passed(sentSequence: number, receivedSequence: number): void {
    this.#others.set(sentSequence, receivedSequence);
    for (const oldest of this.#others.keys()) {
      if (this.#others.size <= mostKnown) break;
      this.#others.delete(oldest);
    }
  }

  /** An Event value of this leg as the other leg must see it. */
  translate(event: string): string {
    return event.replace(/^(\s*refer\s*;(?:.*;)?\s*id\s*=\s*)(\d+)/i, (whole, before: string, id: string) => {
      const other = this.#others.get(Number(id));
      return other === undefined ? whole : `${before}${other}`;
    });
  }
}
