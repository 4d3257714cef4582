import type { EventEmitter } from 'node:events';
import Srf from 'drachtio-srf';
import { once } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { WireTap } from '../engine/wire-tap.ts';
import type { SipAgent, SipRequest } from './messages.ts';
import {
  fitsControlFrame,
  rawOptions,
  readRequest,
  readResponse,
  readSent,
  type RawAck,
  type RawMessage,
  type RawMeta,
  type RawRequest,
  type RawResponse,
} from './srf-messages.ts';

/**
 * The one place that knows drachtio-srf. It is used below its Dialog class: that class answers some requests by
 * itself, never times a modify out and forgets a re-INVITE that was answered 18x. Requests in a dialog are told apart
 * by the engine's dialog id instead. What srf's types leave out is declared here
 * and in srf-messages.ts.
 *
 * One read of the control socket may hold many messages, which srf hands over in one go. Each is delivered in a turn of
 * the event loop of its own, in order, so that what the application awaits after one is done before the next.
 */
interface RawSrf extends EventEmitter {
  connect(options: { host: string; port: number; secret: string }): unknown;
  disconnect(): void;
  use(method: string, handler: (request: RawRequest, response: RawResponse) => void): void;
  request(options: Record<string, unknown>, callback: (error: unknown, sent?: RawRequest) => void): void;
}

const routedMethods = [
  'invite',
  'ack',
  'bye',
  'cancel',
  'prack',
  'update',
  'info',
  'message',
  'notify',
  'refer',
  'options',
  'register',
  'subscribe',
  'publish',
] as const;

export interface SrfAgentOptions {
  readonly control: { readonly host: string; readonly port: number; readonly secret: string };
  readonly logger: Logger;
  /** Every request that arrives, in a dialog or not, ACK included. */
  readonly onRequest: (request: SipRequest) => void;
  /**
   * Of an engine that has none of its own: is told what srf gives, which is all but our ACKs and what the engine does by
   * itself (100, CANCEL and its answers, retransmissions, refreshes).
   */
  readonly tap?: WireTap | undefined;
}

/** @throws SidetoneError `sip-unreachable` when the engine does not take the connection within 10 s. */
export async function connectSrfAgent(options: SrfAgentOptions): Promise<SipAgent> {
  const { logger, onRequest, tap } = options;
  const srf = new Srf() as unknown as RawSrf;
  const receive = (raw: RawRequest, response: RawResponse): void => {
    // An UPDATE during a pending INVITE comes as an event of that INVITE (and with the daemon only there).
    raw.on('update', receive);
    tell(tap, 'received', raw, raw);
    const request = readRequest(raw, response, (sent) => tell(tap, 'sent', sent, raw));
    setImmediate(() => {
      try {
        onRequest(request);
      } catch (thrown) {
        logger.error({ err: toError(thrown), method: raw.method }, 'request handler failed');
        if (raw.method !== 'ACK') request.respond(500).catch(() => undefined);
      }
    });
  };
  for (const method of routedMethods) srf.use(method, receive);
  const bindings = await connected(srf, options).catch((thrown: unknown) => {
    // It would try again for as long as the process lives.
    srf.disconnect();
    throw thrown;
  });

  const request: SipAgent['request'] = (outgoing, onResponse) =>
    new Promise((resolve, reject) => {
      if (!fitsControlFrame(outgoing)) {
        reject(new SidetoneError('sip-too-large', 'request too large for the control connection'));
        return;
      }
      try {
        srf.request(rawOptions(outgoing), (error, raw) => {
          if (raw === undefined) {
            reject(new SidetoneError('sip-unreachable', 'request could not be sent', { cause: toError(error) }));
            return;
          }
          raw.on('update', receive);
          tell(tap, 'sent', raw, raw);
          raw.on('response', (response: RawResponse, ack: RawAck) => {
            tell(tap, 'received', response, response);
            setImmediate(() => onResponse(readResponse(response, ack)));
          });
          setImmediate(() => resolve(readSent(raw)));
        });
      } catch (thrown) {
        reject(new SidetoneError('sip-unreachable', 'no connection to the SIP engine', { cause: toError(thrown) }));
      }
    });
  return { bindings, request, close: once(() => Promise.resolve(srf.disconnect())) };
}

function tell(tap: WireTap | undefined, direction: 'received' | 'sent', { raw }: RawMessage, peer: RawMeta): void {
  if (tap === undefined || raw === undefined) return;
  const { source_address: remoteAddress, source_port: remotePort, protocol } = peer;
  const transport = protocol === 'tcp' || protocol === 'tls' ? protocol : 'udp';
  tap.message(direction, Buffer.from(raw), { transport, remoteAddress, remotePort });
}

function connected(srf: RawSrf, options: SrfAgentOptions): Promise<SipAgent['bindings']> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new SidetoneError('sip-unreachable', 'the SIP engine did not accept the control connection'));
    }, 10_000);
    srf.on('error', (error: unknown) => options.logger.warn({ err: toError(error) }, 'control connection lost'));
    srf.on('connect', (error: unknown, hostPorts?: string) => {
      clearTimeout(timer);
      if (error instanceof Error) {
        reject(new SidetoneError('sip-unreachable', 'the SIP engine refused the secret', { cause: error }));
      } else resolve(bindingsOf(hostPorts ?? ''));
    });
    srf.connect(options.control);
  });
}

/** `udp/192.0.2.1:5060,tcp/192.0.2.1:5060` */
function bindingsOf(hostPorts: string): SipAgent['bindings'] {
  return [...hostPorts.matchAll(/(\w+)\/(\[[^\]]+\]|[^:,]+):(\d+)/g)].map(([, transport = '', address = '', port]) => ({
    transport: transport.toLowerCase(),
    address: address.replaceAll(/[[\]]/g, ''),
    port: Number(port),
  }));
}
