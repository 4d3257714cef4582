import type { EventEmitter } from 'node:events';
import Srf from 'drachtio-srf';
import { once } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { SipAgent, SipRequest } from './messages.ts';
import {
  fitsControlFrame,
  rawOptions,
  readRequest,
  readResponse,
  readSent,
  type RawAck,
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
}

/** @throws SidetoneError `sip-unreachable` when the engine does not take the connection within 10 s. */
export async function connectSrfAgent(options: SrfAgentOptions): Promise<SipAgent> {
  const { logger, onRequest } = options;
  const srf = new Srf() as unknown as RawSrf;
  const receive = (raw: RawRequest, response: RawResponse): void => {
    // An UPDATE during a pending INVITE comes as an event of that INVITE (and with the daemon only there).
    raw.on('update', receive);
    const request = readRequest(raw, response);
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
  const bindings = await connected(srf, options);

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
          raw.on('response', (response: RawResponse, ack: RawAck) => {
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
