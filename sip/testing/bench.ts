import { configSchema, type Config } from '#lib/config/schema.ts';
import { silentLogger, type Logger } from '#lib/log.ts';
import { createMetrics, type Metrics } from '#lib/metrics.ts';
import { startSipServer, type SipServer } from '../server.ts';
import type { CallEvent, Termination } from '../types.ts';
import { SmallMediaGateway } from './media-gateway.ts';
import type { RawMessage } from './raw-message.ts';
import { RawUa, sdp, type DialogSide } from './raw-ua.ts';

/** One server on loopback with a caller and a callee beside it; every dialled number goes to the callee. */
export interface Bench {
  readonly server: SipServer;
  readonly media: SmallMediaGateway;
  readonly caller: RawUa;
  readonly callee: RawUa;
  readonly events: CallEvent[];
  readonly metrics: Metrics;
  readonly port: number;
  ended(): Promise<Termination>;
  close(): Promise<void>;
}

type ConfigInput = Record<string, unknown> & { readonly sip?: Record<string, unknown> };

/** `config` may name the callee's port as CALLEE in any text. */
export async function openBench(
  config: ConfigInput = {},
  { t1Ms = 500, logger = silentLogger }: { readonly t1Ms?: number; readonly logger?: Logger } = {},
): Promise<Bench> {
  const [caller, callee] = await Promise.all([RawUa.open(), RawUa.open()]);
  const media = new SmallMediaGateway();
  const metrics = createMetrics();
  const text = JSON.stringify({
    routes: [{ to: 'sip:$0@127.0.0.1:CALLEE' }],
    ...config,
    sip: { port: 0, ...config.sip },
  });
  const parsed: Config = configSchema.parse(JSON.parse(text.replaceAll('CALLEE', String(callee.port))));
  const server = await startSipServer({
    config: parsed,
    media,
    logger,
    metrics,
    timers: { t1Ms },
  });
  const events: CallEvent[] = [];
  server.subscribe((event) => events.push(event));
  return {
    server,
    media,
    caller,
    callee,
    events,
    metrics,
    port: server.bindings.find((binding) => binding.transport === 'udp')?.port ?? 0,
    ended: () => endedEvent(server, events),
    close: async () => {
      caller.answerByes();
      callee.answerByes();
      await server.close();
      await media.close();
      await Promise.all([caller.close(), callee.close()]);
    },
  };
}

function endedEvent(server: SipServer, events: readonly CallEvent[]): Promise<Termination> {
  const known = events.findLast((event) => event.type === 'ended');
  if (known !== undefined) return Promise.resolve(known.termination);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the call did not end')), 8000);
    const stop = server.subscribe((event) => {
      if (event.type !== 'ended') return;
      clearTimeout(timer);
      stop();
      resolve(event.termination);
    });
  });
}

export interface Established {
  readonly invite: RawMessage;
  readonly calleeInvite: RawMessage;
  readonly ok: RawMessage;
  readonly callerSide: DialogSide;
  readonly calleeSide: DialogSide;
}

/** A call that rings, is answered and acknowledged. */
export async function establish(
  bench: Bench,
  options: {
    readonly user?: string;
    readonly callerHeaders?: readonly string[];
    readonly calleeHeaders?: readonly string[];
    readonly offer?: string;
    readonly answer?: string;
  } = {},
): Promise<Established> {
  const { caller, callee, port } = bench;
  const invite = caller.invite({
    port,
    body: options.offer ?? sdp(),
    ...(options.user === undefined ? {} : { user: options.user }),
    headers: options.callerHeaders ?? [],
  });
  const calleeInvite = await callee.expect('INVITE');
  callee.reply(calleeInvite, 180);
  await caller.expect('180 INVITE');
  callee.reply(calleeInvite, 200, {
    body: options.answer ?? sdp({ port: 41_000 }),
    headers: options.calleeHeaders ?? ['Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO, OPTIONS'],
  });
  const ok = await caller.expect('200 INVITE');
  await callee.expect('ACK');
  caller.ack(invite, ok);
  return {
    invite,
    calleeInvite,
    ok,
    callerSide: caller.callerSide(invite, ok),
    calleeSide: callee.calleeSide(calleeInvite),
  };
}
