import { newId } from '#lib/ids.ts';
import type { Finding, LiveEvent, StoreOp, Utterance } from '../types.ts';

interface FindingsOutside {
  write(op: StoreOp): void;
  publish(event: LiveEvent): void;
}

/** The findings of one call, stored and shown as they come and as they change. */
export class Findings {
  readonly #callId: string;
  readonly #outside: FindingsOutside;
  readonly #findings = new Map<string, Finding>();

  constructor(callId: string, outside: FindingsOutside) {
    this.#callId = callId;
    this.#outside = outside;
  }

  add(finding: Finding): void {
    this.#findings.set(finding.findingId, finding);
    this.#outside.write({ op: 'finding', finding });
    this.#outside.publish({ type: 'finding', callId: this.#callId, finding });
  }

  /** Late redaction: what was found in the old text loses its evidence, and that it was found late is one more. */
  rewritten({ utteranceId, side, startMs, endMs }: Utterance): void {
    for (const finding of [...this.#findings.values()]) {
      if (finding.utteranceIds.includes(utteranceId)) this.add({ ...finding, evidence: '' });
    }
    this.add({
      findingId: newId(),
      callId: this.#callId,
      ruleId: 'late-redaction',
      title: 'Redacted after it had been stored',
      severity: 'medium',
      kind: 'system',
      side,
      startMs,
      endMs,
      evidence: '',
      utteranceIds: [utteranceId],
    });
  }
}
