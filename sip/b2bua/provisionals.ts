import type { HeaderFields, SipRequest } from './messages.ts';

interface Provisional {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderFields;
  readonly body: string | undefined;
  /** Answers the caller's PRACK. */
  readonly onPrack: (prack: SipRequest) => void;
}

export interface ProvisionalsOptions {
  readonly onSent: (dialogId: string, toTag: string) => void;
  /** How long a PRACK may take, and what to do when it does not come. */
  readonly waitMs: number;
  readonly onUnacknowledged: () => void;
}

/**
 * Provisional responses to the caller. Where it supports 100rel, one that must arrive is sent reliably (RFC 3262): one
 * at a time, those after it wait for its PRACK. The engine numbers and repeats them.
 */
export class Provisionals {
  readonly #invite: SipRequest;
  /** The caller demands that every provisional be reliable (RFC 3262 section 3). */
  readonly #always: boolean;
  readonly possible: boolean;
  readonly #options: ProvisionalsOptions;
  #timer: NodeJS.Timeout | undefined;
  #outstanding: Provisional | undefined;
  #stopped = false;
  readonly #waiting: (() => void)[] = [];

  constructor(invite: SipRequest, options: ProvisionalsOptions) {
    this.#invite = invite;
    this.#always = invite.headers.lists('require', '100rel');
    this.possible = this.#always || invite.headers.lists('supported', '100rel');
    this.#options = options;
  }

  send(provisional: Provisional, reliably: boolean): void {
    if (this.#stopped) return;
    if (this.#outstanding !== undefined) {
      this.#waiting.push(() => this.send(provisional, reliably));
      return;
    }
    const reliable = this.possible && (reliably || this.#always);
    if (reliable) {
      this.#outstanding = provisional;
      this.#timer = setTimeout(() => this.#options.onUnacknowledged(), this.#options.waitMs);
    }
    const { status, reason, headers, body } = provisional;
    this.#invite
      .respond(status, {
        reason,
        headers: {
          ...headers,
          ...(reliable ? { Require: '100rel' } : {}),
          ...(body === undefined ? {} : { 'Content-Type': 'application/sdp' }),
        },
        ...(body === undefined ? {} : { body }),
      })
      .then((sent) => this.#options.onSent(sent.dialogId, sent.toTag))
      // Cancelled or answered in the meantime.
      .catch(() => this.#release());
  }

  /** Resolves when no reliable provisional is open: a 2xx must not overtake one that carried a description. */
  async settled(): Promise<void> {
    while (this.#outstanding !== undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  prack(request: SipRequest): void {
    const acknowledged = this.#outstanding;
    if (acknowledged === undefined) {
      request.respond(481).catch(() => undefined);
      return;
    }
    acknowledged.onPrack(request);
    this.#release();
  }

  /** The call is over: nothing is waited for, nothing more is sent. */
  stop(): void {
    this.#stopped = true;
    this.#release();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#outstanding = undefined;
    for (const next of this.#waiting.splice(0)) next();
  }
}
