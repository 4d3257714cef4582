import type { Logger } from '#lib/log.ts';
import type { HeaderFields, SipRequest } from './messages.ts';
import { remedyOf, warningOf } from './remedies.ts';
import type { SipMetrics } from './sip-metrics.ts';

const sourcesRemembered = 10_000;

/** Answers what is turned away at the door: counted by reason, and logged once for each source and reason. */
export class Refusals {
  readonly #logger: Logger;
  readonly #metrics: SipMetrics;
  readonly #logged = new Set<string>();

  constructor(logger: Logger, metrics: SipMetrics) {
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** `remedy`: where it says more than remedies.ts does of the reason. */
  refuse(
    request: SipRequest,
    status: number,
    reason: string,
    headers: HeaderFields = {},
    remedy: string | undefined = remedyOf(reason),
  ): void {
    this.#metrics.refused(reason);
    const key = `${reason} ${request.source.address}`;
    if (!this.#logged.has(key)) {
      if (this.#logged.size >= sourcesRemembered) this.#logged.clear();
      this.#logged.add(key);
      const { method, source } = request;
      this.#logger.warn({ source: source.address, method, status, reason, remedy }, 'request refused');
    }
    const warning = remedy === undefined ? {} : { Warning: warningOf(reason, remedy) };
    // The transaction may be gone, by CANCEL or by time: then there is nobody to tell.
    request.respond(status, { headers: { ...warning, ...headers } }).catch(() => undefined);
  }
}
