import type { EventEmitter } from 'node:events';
import Srf from 'drachtio-srf';
import { silentLogger } from '#lib/log.ts';
import { createMetrics, type Metrics } from '#lib/metrics.ts';
import { startSipEngine, type SipEngine, type SipEngineOptions } from '../engine.ts';

/** drachtio-srf as tests use it: what its own types leave out or get wrong. */
export interface AppMessage {
  readonly body: string;
  readonly raw: string;
  readonly stackDialogId?: string;
  get(name: string): string;
  has(name: string): boolean;
}
export interface AppRequest extends AppMessage, EventEmitter {
  readonly method: string;
  readonly source: string;
  cancel(options: { headers?: Record<string, string> }, callback: (error: unknown) => void): void;
}
export interface AppResponse extends AppMessage {
  readonly status: number;
  readonly reason: string;
  send(
    status: number,
    options?: { headers?: Record<string, string>; body?: string },
    callback?: (error: unknown, sent?: AppMessage) => void,
  ): void;
}
type Ack = (options?: { body?: string }) => void;
export interface AppDialog extends EventEmitter {
  readonly id: string;
  readonly remote: { readonly sdp: string };
  request(options: { method: string; body?: string; headers?: Record<string, string> }): Promise<AppResponse>;
  modify(sdp: string): Promise<unknown>;
  destroy(): Promise<unknown>;
}
interface RawSrf extends EventEmitter {
  connect(options: unknown): void;
  disconnect(): void;
  use(method: string, handler: (request: AppRequest, response: AppResponse) => void): void;
  request(options: Record<string, unknown>, callback: (error: unknown, request?: AppRequest) => void): void;
  createUAS(request: AppRequest, response: AppResponse, options: object): Promise<AppDialog>;
  createUAC(uri: string, options: object): Promise<AppDialog>;
}

export interface SentInvite {
  readonly request: AppRequest;
  /** Responses in order; a final one ends it. */
  readonly responses: { readonly response: AppResponse; readonly ack: Ack }[];
  response(status: number): Promise<{ readonly response: AppResponse; readonly ack: Ack }>;
}

/** All but SUBSCRIBE: a test asks what becomes of a method without a route. */
const routed = 'invite ack bye prack update info message notify refer options register'.split(' ');

export class TestApp {
  readonly engine: SipEngine;
  readonly srf: RawSrf;
  readonly metrics: Metrics;
  readonly #handlers = new Map<string, (request: AppRequest, response: AppResponse) => void>();

  private constructor(engine: SipEngine, srf: RawSrf, metrics: Metrics) {
    this.engine = engine;
    this.srf = srf;
    this.metrics = metrics;
    for (const method of routed) {
      srf.use(method, (request, response) => this.#handlers.get(request.method)?.(request, response));
    }
  }

  static async start(options: Partial<SipEngineOptions> = {}): Promise<TestApp> {
    const metrics = createMetrics();
    const engine = await startSipEngine({
      host: '127.0.0.1',
      port: 0,
      transports: ['udp', 'tcp'],
      logger: silentLogger,
      metrics,
      timers: { t1Ms: 20, t2Ms: 80, t4Ms: 100 },
      ...options,
    });
    const srf = new Srf() as unknown as RawSrf;
    srf.on('error', () => undefined);
    const connected = new Promise<void>((resolve) => srf.once('connect', () => resolve()));
    const app = new TestApp(engine, srf, metrics);
    srf.connect(engine.control);
    await connected;
    return app;
  }

  get port(): number {
    return this.engine.bindings[0]?.port ?? 0;
  }

  /** Takes the place of the handler before. */
  on(method: string, handler: (request: AppRequest, response: AppResponse) => void): void {
    this.#handlers.set(method.toUpperCase(), handler);
  }

  /** The next request of this method; the test answers it. */
  next(method: string): Promise<{ readonly request: AppRequest; readonly response: AppResponse }> {
    return new Promise((resolve) => this.on(method, (request, response) => resolve({ request, response })));
  }

  send(options: Record<string, unknown>): Promise<SentInvite> {
    return new Promise((resolve, reject) => {
      this.srf.request({ uri: 'sip:placeholder', headers: {}, ...options }, (error, request) => {
        if (request === undefined) {
          reject(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        const responses: SentInvite['responses'] = [];
        const waiting: (() => void)[] = [];
        request.on('response', (response: AppResponse, ack: Ack) => {
          responses.push({ response, ack });
          for (const look of waiting.splice(0)) look();
        });
        const find = async (status: number): Promise<SentInvite['responses'][number]> => {
          for (;;) {
            const found = responses.find((each) => each.response.status === status);
            if (found !== undefined) return found;
            await new Promise<void>((look) => waiting.push(look));
          }
        };
        resolve({ request, responses, response: find });
      });
    });
  }

  /** The value of one series, 0 when it has none. */
  async metric(series: string): Promise<number> {
    const line = (await this.metrics.render()).split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length));
  }

  async close(): Promise<void> {
    this.srf.disconnect();
    await this.engine.close();
  }
}

export function respond(
  response: AppResponse,
  status: number,
  options: { headers?: Record<string, string>; body?: string } = {},
): Promise<AppMessage> {
  return new Promise((resolve, reject) => {
    response.send(status, options, (error, sent) => {
      if (sent === undefined) reject(new Error(String(error)));
      else resolve(sent);
    });
  });
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
