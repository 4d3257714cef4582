/** SIP messages as the application sees them, whatever carries them. */

/** RFC 3261 section 25.1. */
const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** Header fields by name, case-insensitive; a field that stood on several lines is joined by commas. */
export class SipHeaders {
  readonly #byName = new Map<string, { readonly name: string; readonly value: string }>();

  constructor(headers: Readonly<Record<string, unknown>>) {
    for (const [name, value] of Object.entries(headers)) {
      // srf unescapes names: one that is no token then (`%0D%0A`) would be lines of its own on the other leg.
      if (typeof value !== 'string' || !token.test(name)) continue;
      const lower = name.toLowerCase();
      // Folded lines are one line (RFC 3261 section 7.3.1); nothing we pass on may break a line.
      const clean = value.includes('\n')
        ? value
            .split('\n')
            .map((line) => line.trim())
            .join(' ')
        : value.trim();
      const long = longNames[lower];
      this.#byName.set(long?.toLowerCase() ?? lower, { name: long ?? name, value: clean });
    }
  }

  get(lowerName: string): string | undefined {
    return this.#byName.get(lowerName)?.value;
  }

  /** Lower-case name, name as received, value. */
  *entries(): Iterable<readonly [string, string, string]> {
    for (const [lower, { name, value }] of this.#byName) yield [lower, name, value];
  }

  /** Whether a list field (Supported, Require, Allow) holds the word, in any case. */
  lists(lowerName: string, word: string): boolean {
    return this.list(lowerName).includes(word.toLowerCase());
  }

  list(lowerName: string): string[] {
    return (this.get(lowerName) ?? '')
      .split(',')
      .map((each) => each.trim().toLowerCase())
      .filter((each) => each !== '');
  }
}

/** Compact forms that drachtio's parser leaves as they are, or names wrongly. */
const longNames: Readonly<Record<string, string>> = {
  b: 'Referred-By',
  'contact-encoding': 'Content-Encoding',
  o: 'Event',
  r: 'Refer-To',
  u: 'Allow-Events',
  x: 'Session-Expires',
  k: 'Supported',
};

/** Several values become several lines. */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

interface PeerAddress {
  readonly address: string;
  readonly port: number;
  /** `udp`, `tcp` ... */
  readonly transport: string;
}

export interface SipRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: SipHeaders;
  readonly body: string;
  readonly source: PeerAddress;
  readonly callId: string;
  readonly fromTag: string;
  /** Undefined outside a dialog. */
  readonly toTag: string | undefined;
  /** The dialog's id in drachtio's terms; empty outside one. */
  readonly dialogId: string;
  /** The engine ended the dialog by itself (no ACK, session expired); there is nobody to respond to. */
  readonly unsolicited: boolean;
  /**
   * A second final response is dropped. Resolves with the response as sent (its To tag is final), rejects with
   * SidetoneError `sip-unreachable` when the transaction is gone, and with `sip-too-large` when the engine cannot be
   * handed it (the peer is then answered 500 if it was a final one).
   */
  respond(status: number, options?: ResponseOptions): Promise<SentResponse>;
  /** A CANCEL came for this INVITE; it and the INVITE are already answered. Called at once when it came before. */
  onCancel(listener: (headers: SipHeaders) => void): void;
}

export interface ResponseOptions {
  readonly reason?: string;
  readonly headers?: HeaderFields;
  readonly body?: string;
}

export interface SentResponse {
  readonly toTag: string;
  /** The dialog that it belongs to or founds; empty where none. */
  readonly dialogId: string;
}

export interface SipResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: SipHeaders;
  readonly body: string;
  readonly source: PeerAddress;
  readonly toTag: string;
  readonly dialogId: string;
  /** Acknowledges a 2xx to INVITE, with the answer to a delayed offer as body. */
  ack(body?: string): void;
}

export interface OutgoingRequest {
  readonly method: string;
  /** Needed outside a dialog. */
  readonly uri?: string;
  /** Sends within this dialog: the engine knows its route set, target and CSeq. */
  readonly dialogId?: string;
  /** Next hop, where it is not what the URI says: `sip:192.0.2.1:5060;transport=tcp`. */
  readonly nextHop?: string;
  readonly headers?: HeaderFields;
  readonly body?: string;
}

export interface SentRequest {
  readonly uri: string;
  readonly callId: string;
  readonly fromTag: string;
  /** The From field as sent, tag included, and the CSeq number: needed to repeat the request with credentials. */
  readonly from: string;
  readonly sequence: number;
  cancel(headers?: HeaderFields): void;
}

export interface SipAgent {
  /** Where the engine listens for SIP, as it says itself. */
  readonly bindings: readonly { readonly transport: string; readonly address: string; readonly port: number }[];
  /**
   * Sends a request; responses come to `onResponse`, provisional ones included.
   * @throws SidetoneError `sip-unreachable` when it could not be sent, `sip-too-large` when it may not be.
   */
  request(request: OutgoingRequest, onResponse: (response: SipResponse) => void): Promise<SentRequest>;
  close(): Promise<void>;
}
