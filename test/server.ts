import { spawn, type ChildProcess } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const repository = resolve(import.meta.dirname, '..');
const startTimeoutMs = 60_000;

export interface ServerOptions {
  /** Kept by whoever names it; unset: a folder of its own, removed by `close`. */
  readonly dir?: string;
  readonly yaml?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Through `npm start` instead of its own command line, to see what npm makes of signals. */
  readonly throughNpm?: boolean;
}

/** A whole server as its user runs it: a process of its own, real ports (free ones), real files. */
export class TestServer {
  readonly dir: string;
  readonly #process: ChildProcess;
  readonly #ownDir: boolean;
  readonly logLines: Readonly<Record<string, unknown>>[] = [];
  output = '';

  private constructor(dir: string, ownDir: boolean, child: ChildProcess) {
    this.dir = dir;
    this.#ownDir = ownDir;
    this.#process = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => this.#logged(line));
  }

  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const server = TestServer.launch(options);
    try {
      await server.logged('pages and API are open', startTimeoutMs);
    } catch (error) {
      server.signal('SIGKILL');
      throw error;
    }
    return server;
  }

  /** Starts the process and does not wait for it. */
  static launch(options: ServerOptions = {}): TestServer {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'sidetone-e2e-'));
    const yaml = join(dir, 'sidetone.yaml');
    writeFileSync(yaml, options.yaml ?? '');
    const command =
      options.throughNpm === true
        ? // As on a machine that allows core files, so that it is npm start that forbids them.
          'ulimit -S -c "$(ulimit -H -c)"; exec npm start --silent -- --config'
        : 'ulimit -c 0; exec node --disable-sigusr1 main.ts --config';
    const child = spawn('sh', ['-c', `${command} "$1"`, 'sh', yaml], {
      cwd: repository,
      env: {
        ...process.env,
        PATH: `${join(repository, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
        SIDETONE_DATA_DIR: join(dir, 'data'),
        SIDETONE_SIP_PORT: '0',
        SIDETONE_HTTP_PORT: '0',
        SIDETONE_LOG_LEVEL: 'info',
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new TestServer(dir, options.dir === undefined, child);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** host:port of SIP. */
  get sip(): string {
    return `127.0.0.1:${String(this.#line('SIP is open')?.['port'])}`;
  }

  get url(): string {
    return String(this.#line('pages and API are open')?.['url']);
  }

  get adminKey(): string {
    return readFileSync(join(this.dir, 'data/admin-key'), 'utf8').trim();
  }

  /** Waits for a log line with this message. */
  async logged(message: string, timeoutMs = 30_000): Promise<Readonly<Record<string, unknown>>> {
    return waitFor(
      `the log line "${message}"`,
      () => {
        const line = this.#line(message);
        if (line === undefined && this.#process.exitCode !== null) {
          throw new Error(`the server ended with ${this.#process.exitCode}:\n${this.output}\n${this.#logText()}`);
        }
        return line;
      },
      timeoutMs,
    );
  }

  async ready(): Promise<void> {
    await waitFor(
      'readyz',
      async () => {
        const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
        await response?.body?.cancel();
        return response?.ok === true ? true : undefined;
      },
      startTimeoutMs,
    );
  }

  /** A GET of the API as administrator. */
  async get(path: string, init: RequestInit = {}): Promise<Response> {
    return this.request('GET', path, undefined, init);
  }

  async json<Value = Record<string, unknown>>(path: string): Promise<Value> {
    const response = await this.get(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Value;
  }

  async request(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      ...init,
      method,
      headers: {
        Authorization: `Bearer ${this.adminKey}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(init.headers as Record<string, string> | undefined),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves with the exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await onceEvent(this.#process, 'exit');
    return this.#process.exitCode;
  }

  get logText(): string {
    return this.#logText();
  }

  /** Ends it for good, politely first, and removes its folder where that is its own. */
  async close(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.signal('SIGTERM');
      this.signal('SIGTERM');
      const kill = setTimeout(() => this.signal('SIGKILL'), 60_000);
      await this.ended();
      clearTimeout(kill);
    }
    if (this.#ownDir) rmSync(this.dir, { recursive: true, force: true });
  }

  #line(message: string): Readonly<Record<string, unknown>> | undefined {
    return this.logLines.find((line) => line['msg'] === message);
  }

  #logText(): string {
    return this.logLines.map((line) => JSON.stringify(line)).join('\n');
  }

  #logged(line: string): void {
    try {
      this.logLines.push(JSON.parse(line) as Record<string, unknown>);
    } catch {
      this.logLines.push({ msg: line });
    }
  }
}

/** Asks again every 50 ms until there is an answer. */
export async function waitFor<Value>(
  what: string,
  ask: () => Value | undefined | Promise<Value | undefined>,
  timeoutMs = 30_000,
): Promise<Value> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((asked) => setTimeout(asked, 50));
  }
}
