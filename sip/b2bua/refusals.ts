import type { Logger } from '#lib/log.ts';
import { peerText } from '../sources/ladders.ts';
import type { Sources } from '../sources/book.ts';
import type { SourceIdentity } from '../types.ts';
import type { HeaderFields, SipRequest } from './messages.ts';
import { remedyOf, warningOf } from './remedies.ts';
import type { SipMetrics } from './sip-metrics.ts';

/** What is turned away, and how. */
export interface Refused {
  readonly kind: 'refused';
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderFields;
  /** In one sentence, what to change; undefined where nothing can be. */
  readonly remedy: string | undefined;
}

/** `remedy`: where it says more than remedies.ts does of the reason. */
export function refused(
  status: number,
  reason: string,
  headers: HeaderFields = {},
  remedy: string | undefined = remedyOf(reason),
): Refused {
  return { kind: 'refused', status, reason, headers, remedy };
}

const sourcesRemembered = 10_000;

/** Answers what is turned away: counted by reason, logged once for each source and reason, told to the book of sources. */
export class Refusals {
  readonly #logger: Logger;
  readonly #metrics: SipMetrics;
  readonly #sources: Sources;
  readonly #logged = new Set<string>();

  constructor(logger: Logger, metrics: SipMetrics, sources: Sources) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#sources = sources;
  }

  /** `from`: undefined where the book of sources has nothing to learn of it. */
  refuse(request: SipRequest, { status, reason, headers, remedy }: Refused, from?: SourceIdentity): void {
    this.#metrics.refused(reason);
    const { method, source } = request;
    const key = `${reason} ${source.address}`;
    if (!this.#logged.has(key)) {
      if (this.#logged.size >= sourcesRemembered) this.#logged.clear();
      this.#logged.add(key);
      this.#logger.warn({ source: source.address, method, status, reason, remedy }, 'request refused');
    }
    if (from !== undefined && remedy !== undefined) {
      const address = peerText(source.address, source.port);
      const isCall = method === 'INVITE' && request.toTag === undefined;
      if (isCall) this.#sources.refusedDialog(from, address, request.callId, { reason, remedy });
      else this.#sources.refused(from, address, { reason, remedy });
    }
    const warning = remedy === undefined ? {} : { Warning: warningOf(reason, remedy) };
    // The transaction may be gone, by CANCEL or by time: then there is nobody to tell.
    request.respond(status, { headers: { ...warning, ...headers } }).catch(() => undefined);
  }
}
