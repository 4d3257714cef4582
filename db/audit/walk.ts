import type { AuditProblem } from '../types.ts';
import { chainHash, contentDigest, genesisHash } from './chain.ts';
import type { Head } from './head-file.ts';
import type { HeadSigner } from './signing.ts';

export interface Wrong {
  readonly firstWrongSequence: number | null;
  readonly problem: AuditProblem;
  readonly explanation: string;
}

export interface LogRow {
  readonly sequence: number;
  readonly content: string | null;
  readonly salt: Buffer | null;
  readonly content_digest: Buffer;
  readonly hash: Buffer;
  readonly signature: Buffer;
}

/** Goes over rows in order from a row known to be right (by default from before the first); stops at the first wrong. */
export class Walk {
  readonly #signer: HeadSigner;
  readonly #outside: Head | undefined;
  #previous: Buffer;
  rows = 0;
  firstSequence = 0;
  lastSequence: number;
  erasedRows = 0;
  signatureWrong = false;
  wrong: Wrong | undefined;

  constructor(
    signer: HeadSigner,
    outside: Head | undefined,
    from: { readonly sequence: number; readonly hash: Buffer } = { sequence: 0, hash: genesisHash },
  ) {
    this.#signer = signer;
    this.#outside = outside;
    this.lastSequence = from.sequence;
    this.#previous = from.hash;
  }

  get hash(): Buffer {
    return this.#previous;
  }

  step(row: LogRow): void {
    if (this.wrong !== undefined) return;
    this.wrong = this.#check(row);
    if (this.wrong !== undefined) return;
    this.rows += 1;
    if (this.rows === 1) this.firstSequence = row.sequence;
    this.lastSequence = row.sequence;
    this.#previous = row.hash;
    if (row.content === null) this.erasedRows += 1;
  }

  /** There are no more rows, and there should be one of this sequence. */
  end(expectedLast: number): void {
    const next = this.lastSequence + 1;
    if (next <= expectedLast) this.wrong ??= missing(next, `row ${next} is missing`);
  }

  #check(row: LogRow): Wrong | undefined {
    const { sequence } = row;
    const expected = this.lastSequence + 1;
    if (sequence !== expected) return missing(expected, `row ${expected} is missing`);
    if ((row.content === null) !== (row.salt === null))
      return edited(sequence, 'it lost its content or its salt, but not both');
    if (row.content !== null && row.salt !== null && !contentDigest(row.salt, row.content).equals(row.content_digest))
      return edited(sequence, 'its content does not give its digest');
    if (!chainHash(this.#previous, sequence, row.content_digest).equals(row.hash))
      return {
        firstWrongSequence: sequence,
        problem: 'chain-broken',
        explanation: `row ${sequence}: its digest and the row before it do not give its hash`,
      };
    if (!this.#signer.verify(sequence, row.hash, row.signature)) {
      this.signatureWrong = true;
      return {
        firstWrongSequence: sequence,
        problem: 'signature-invalid',
        explanation: `row ${sequence}: its hash is not signed by this server's key`,
      };
    }
    if (this.#outside?.sequence === sequence && !this.#outside.hash.equals(row.hash))
      return {
        firstWrongSequence: sequence,
        problem: 'outside-head-wrong',
        explanation: `row ${sequence}: its hash is not the one kept outside the database`,
      };
    return undefined;
  }
}

function missing(sequence: number, explanation: string): Wrong {
  return { firstWrongSequence: sequence, problem: 'row-missing', explanation };
}

function edited(sequence: number, what: string): Wrong {
  return { firstWrongSequence: sequence, problem: 'row-edited', explanation: `row ${sequence} was edited: ${what}` };
}
