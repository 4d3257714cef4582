import Srf from 'drachtio-srf';
import { once } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import type { Law } from '#sip/types.ts';
import { startSipEngine, type SipEngine } from '../../sip/engine/engine.ts';
import { RtpEndpoint } from './rtp-endpoint.ts';
import { audioTarget, phoneSdp } from './sdp.ts';

export type PhoneTransport = 'udp' | 'tcp';

/** One answered call of a phone. */
export interface PhoneCall {
  readonly sipCallId: string;
  /** Sidetone's own id of the call, where the far end is a Sidetone that told it. */
  readonly callId: string | null;
  readonly rtp: RtpEndpoint;
  readonly farEnd: { readonly address: string; readonly port: number };
  /** Aborted when the far end hangs up, or we do. */
  readonly over: AbortSignal;
  hangUp(): Promise<void>;
}

const sdpType = { 'Content-Type': 'application/sdp' };
const goodbyeMs = 200;
/** Header in which Sidetone tells the id of a call to who placed it. */
const callIdHeader = 'X-Sidetone-Call-Id';

/** A SIP phone for tests and demonstrations: real SIP over the engine, real RTP, no registration. */
export class Phone {
  readonly #srf: Srf;
  readonly #engine: SipEngine;
  readonly #address: string;
  readonly #law: Law;
  readonly #transport: PhoneTransport;
  readonly #caller: NonNullable<PhoneOptions['caller']>;
  #answer: ((call: PhoneCall) => void) | undefined;

  private constructor(srf: Srf, engine: SipEngine, options: PhoneOptions) {
    this.#srf = srf;
    this.#engine = engine;
    this.#address = options.address;
    this.#law = options.law ?? 'pcmu';
    this.#transport = options.transport;
    this.#caller = options.caller ?? {};
    srf.invite((req, res) => void this.#incoming(req, res));
  }

  static async start(options: PhoneOptions): Promise<Phone> {
    const engine = await startSipEngine({
      host: options.address,
      port: options.port ?? 0,
      transports: ['udp', 'tcp'],
      logger: silentLogger,
      metrics: createMetrics(),
    });
    const srf = new Srf();
    srf.on('error', () => undefined);
    // `connect` resolves before the agent has been let in; its event comes after.
    const connected = new Promise<void>((resolve) => srf.on('connect', () => resolve()));
    await srf.connect(engine.control);
    await connected;
    return new Phone(srf, engine, options);
  }

  /** `host:port` at which the phone is reached. */
  get hostPort(): string {
    return `${this.#address}:${this.#engine.bindings[0]?.port ?? 0}`;
  }

  /** Answers every call that comes with 180 and 200; without a handler calls get 486. */
  onCall(answer: (call: PhoneCall) => void): void {
    this.#answer = answer;
  }

  /**
   * Calls a SIP URI, by way of `via` (host:port) where given.
   * @throws SidetoneError `sip-rejected` with the final status in its message, `sip-unreachable`
   */
  async call(uri: string, via?: string): Promise<PhoneCall> {
    const rtp = await RtpEndpoint.open(this.#address, this.#law);
    const transport = this.#transport === 'tcp' ? ';transport=tcp' : '';
    try {
      const dialog = await this.#srf.createUAC(via === undefined ? `${uri}${transport}` : uri, {
        ...(via === undefined ? {} : { proxy: `sip:${via}${transport}` }),
        headers: { From: this.#from(), ...sdpType },
        localSdp: phoneSdp(this.#address, rtp.port, this.#law),
      });
      return this.#established(dialog, dialog.remote.sdp, rtp);
    } catch (thrown) {
      await rtp.close();
      const status = statusOf(thrown);
      if (status === undefined) throw new SidetoneError('sip-unreachable', `no answer: ${toError(thrown).message}`);
      // Our own stack says 408 too, when nothing at all came back.
      if (status.startsWith('408'))
        throw new SidetoneError('sip-unreachable', `no answer (408): no server at ${via ?? uri}, or nobody at ${uri}`);
      throw new SidetoneError('sip-rejected', `the call was refused: ${status}`);
    }
  }

  /** RFC 3261 section 25.1: a quoted string escapes quotes and backslashes. */
  #from(): string {
    const { user = 'softphone', displayName } = this.#caller;
    const name = displayName === undefined ? '' : `"${displayName.replaceAll(/["\\]/g, String.raw`\$&`)}" `;
    return `${name}<sip:${user}@${this.hostPort}>`;
  }

  close = once(async () => {
    // For what still comes and goes of the last call: a BYE, the 200 to it.
    await new Promise((resolve) => setTimeout(resolve, goodbyeMs));
    this.#srf.disconnect();
    await this.#engine.close();
  });

  async #incoming(req: Srf.SrfRequest, res: Srf.SrfResponse): Promise<void> {
    if (this.#answer === undefined) {
      res.send(486);
      return;
    }
    const rtp = await RtpEndpoint.open(this.#address, this.#law);
    try {
      const dialog = await this.#srf.createUAS(req, res, {
        headers: sdpType,
        localSdp: phoneSdp(this.#address, rtp.port, this.#law),
      });
      this.#answer(this.#established(dialog, req.body, rtp));
    } catch {
      // Cancelled while it rang: there is no call to speak of.
      await rtp.close();
    }
  }

  #established(dialog: Srf.Dialog, farSdp: string, rtp: RtpEndpoint): PhoneCall {
    const farEnd = audioTarget(farSdp);
    if (farEnd === undefined) throw new SidetoneError('sip-rejected', 'the answer has no sound');
    const over = new AbortController();
    dialog.on('destroy', () => over.abort());
    return {
      sipCallId: dialog.sip.callId,
      callId: sidetoneCallId(dialog),
      rtp,
      farEnd,
      over: over.signal,
      hangUp: () =>
        new Promise((resolve) => {
          over.abort();
          dialog.destroy({ headers: {} }, () => resolve());
        }),
    };
  }
}

export interface PhoneOptions {
  /** IPv4 address of ours that the far end can reach. */
  readonly address: string;
  readonly port?: number;
  /** Of the calls that this phone places. */
  readonly transport: PhoneTransport;
  readonly law?: Law;
  /** Who it says is calling; unset: `softphone`, without a name. */
  readonly caller?: { readonly user?: string; readonly displayName?: string };
}

function sidetoneCallId(dialog: Srf.Dialog): string | null {
  return headerOf(dialog, callIdHeader) ?? null;
}

/** A header of the response that made a dialog, or an error. */
function headerOf(holder: object, name: string): string | undefined {
  const response: unknown = 'res' in holder ? holder.res : undefined;
  if (typeof response !== 'object' || response === null || !('get' in response)) return undefined;
  const value: unknown = (response.get as (name: string) => unknown).call(response, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `503 Service Unavailable (shutting down ...)`: with the words of a Warning where one came (RFC 3261 section 20.43). */
function statusOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('status' in thrown)) return undefined;
  const reason = 'reason' in thrown && typeof thrown.reason === 'string' ? ` ${thrown.reason}` : '';
  const warning = /^\d{3} \S+ "([\x20-\x7e]{1,200})"$/.exec(headerOf(thrown, 'Warning') ?? '')?.[1];
  return `${String(thrown.status)}${reason}${warning === undefined ? '' : ` (${warning})`}`;
}
