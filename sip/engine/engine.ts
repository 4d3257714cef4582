import { randomBytes } from 'node:crypto';
import { once, closeAll } from '#lib/closing.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import { ControlServer } from './control/control-server.ts';
import { Commands } from './core/commands.ts';
import type { Authorize, Core } from './core/core.ts';
import { createCounters } from './core/counters.ts';
import { Receiver } from './core/receive.ts';
import type { ServerCall } from './core/server-call.ts';
import { Sessions } from './core/sessions.ts';
import { Dialogs } from './dialog/dialogs.ts';
import { defaultTimers, SystemScheduler, type SipTimers } from './transaction/timers.ts';
import { Transactions } from './transaction/transactions.ts';
import type { TransportName } from './transport/flow.ts';
import { Transports, type Binding } from './transport/transports.ts';
import type { WireTap } from './wire-tap.ts';

/**
 * A SIP stack in this process that speaks drachtio's control protocol, so that unmodified drachtio-srf runs on it as it
 * does on drachtio-server. Who does what:
 *
 * **The engine** owns what RFC 3261 calls transport, transactions and dialogs.
 * - UDP and TCP; Via, rport and received; Contact and Via with the address that reaches the peer. `localhost` as host
 *   of a From or Contact that the application gives stands for that address; without a Contact one is added.
 * - Retransmissions of both sides; 100 for INVITE at once; ACK for non-2xx; CANCEL answered 200 and its INVITE 487
 *   (the application hears `cancel`); the application's CANCEL held back until a provisional response.
 * - 2xx to INVITE again until its ACK. None within 64*T1: BYE, and the application gets that BYE as an unsolicited one
 *   (srf's dialog emits `destroy`). An application's BYE waits for the ACK.
 * - 2xx from another fork, or not acknowledged by the application within 64*T1 (4 s after its CANCEL): ACK and BYE
 *   from here. A 2xx that crosses the application's CANCEL is given to it like any other: it should ACK and BYE.
 * - 100rel: a provisional response with `Require: 100rel` gets an RSeq, is repeated until its PRACK, and the next one
 *   and the 2xx wait for that; the PRACK goes up and is the application's to answer. As a caller: the application
 *   sends the PRACK (srf's `ack`), copies of a reliable response are swallowed.
 * - Dialogs: route sets, target refresh, CSeq, From, To, Call-ID. In-dialog INVITE over INVITE: 500 with Retry-After;
 *   over ours: 491; the application's over either: it is told 491 at once.
 * - BYE in an early dialog (RFC 3261 section 15.1.2): 200, its INVITE 487, and the application hears `cancel`.
 * - Answers by itself: 400 (syntax), 505, 501 (method unknown), 416 (Request-URI neither sip, sips nor tel), 481 (no
 *   such dialog, CANCEL or PRACK of nothing), 482 (merged request), 500 (CSeq too low), 405 with Allow (a known method
 *   that the application has no route for), 503 (no application connected, or it left before it answered).
 * - RFC 4028: the application negotiates (Session-Expires, Min-SE, Supported, 422 are its headers and its answers); as
 *   in drachtio-server the engine keeps the time that a 2xx to INVITE or UPDATE states: it refreshes when that is our
 *   part (a challenge is answered by `authorize`, else the dialog lives to the end of its session), and sends BYE, and an unsolicited BYE to the application, when the session runs out or a refresh fails.
 *
 * **The application** does OPTIONS, REGISTER, 403, digest, 420, 483, 404 and everything about SDP.
 *
 * Failures on the way to a peer: `NOK` (an error of srf's callback) when nothing could be sent at all: unknown host, no
 * address reachable. Later ones are responses made here: 408 no answer, 503 connection lost, 487 cancelled without an
 * answer. Host names: every A record in turn, the next after 3 s without any response, at once when unreachable or 503.
 *
 * Not spoken: `proxy` (req.proxy), cdr events, TLS, SRV and NAPTR.
 */
export interface SipEngineOptions {
  readonly host: string;
  /** 0: any, and the same for UDP and TCP. */
  readonly port: number;
  readonly transports: readonly TransportName[];
  /** Written in Via and Contact for every peer that is not on loopback. */
  readonly advertiseAddress?: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  /** For tests, which have no 32 s. */
  readonly timers?: Partial<SipTimers>;
  /** `address:port` of name servers; unset: the system's. */
  readonly nameServers?: readonly string[];
  readonly tap?: WireTap;
  /** For refreshes (RFC 4028), which nobody but the engine sees; all other challenges are the application's. */
  readonly authorize?: Authorize;
}

export interface SipEngine {
  /** For drachtio-srf's `connect`. */
  readonly control: { readonly host: '127.0.0.1'; readonly port: number; readonly secret: string };
  readonly bindings: readonly Binding[];
  /** Ends every transaction, timer and socket at once, without a word to any peer. Idempotent. */
  close(): Promise<void>;
}

const gaugeIntervalMs = 1000;

/** @throws what binding throws: EADDRINUSE, EADDRNOTAVAIL, EACCES ... */
export async function startSipEngine(options: SipEngineOptions): Promise<SipEngine> {
  const clock = options.clock ?? systemClock;
  const timers: SipTimers = { ...defaultTimers, ...options.timers };
  const scheduler = new SystemScheduler(guarded);
  const counters = createCounters(options.metrics);
  const secret = randomBytes(24).toString('hex');
  const { host, port, advertiseAddress, tap, authorize = () => undefined } = options;

  const control = await ControlServer.listen(
    { secret, endpoints: () => describe(transports), nowEpochMs: () => clock.nowEpochMs() },
    {
      sip: (link, command) => guarded(() => commands.handle(link, command)),
      closed: (link) => receiver.leave(link),
    },
  );
  const transports = await Transports.bind(
    { host, port, transports: options.transports, advertiseAddress, clock, nameServers: options.nameServers ?? [] },
    {
      message: (bytes, flow) =>
        guarded(() => {
          tap?.message('received', bytes, flow);
          receiver.receive(bytes, flow);
        }),
      sent: (bytes, flow) => tap?.message('sent', bytes, flow),
      count: (what, transport) => counters.transport(what, transport),
    },
  ).catch(async (thrown: unknown) => {
    await control.close();
    throw thrown;
  });
  const transactions = new Transactions<ServerCall>({
    scheduler,
    timers,
    onResend: () => counters.retransmitted(),
    onServerEnd: (call) => receiver.forget(call),
  });
  const sessions = new Sessions(() => core);
  const dialogs = new Dialogs((dialog) => sessions.stop(dialog));
  const core: Core = { transports, transactions, dialogs, sessions, scheduler, timers, counters, tap, authorize };
  const receiver = new Receiver(core, control);
  const commands = new Commands(core, receiver);

  /** A mistake of ours on one message must not take the others' calls down. */
  function guarded(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      options.logger.error({ err: thrown }, 'SIP message could not be handled');
    }
  }

  const gauges = setInterval(() => {
    const connections = transports.connectionCount;
    counters.sizes({ dialogs: dialogs.size, transactions: transactions.size, connections });
  }, gaugeIntervalMs);
  gauges.unref();
  return {
    control: { host: '127.0.0.1', port: control.port, secret },
    bindings: transports.bindings,
    close: once(async () => {
      clearInterval(gauges);
      scheduler.close();
      await closeAll([() => control.close(), () => transactions.close(), () => transports.close()]);
    }),
  };
}

function describe(transports: Transports): string {
  return transports.bindings.map((each) => `${each.transport}/${each.address}:${each.port}`).join(',');
}
