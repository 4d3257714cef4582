import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export const hasRtpengine = spawnSync('rtpengine', ['--version']).error === undefined;

export interface RtpengineProcessOptions {
  /** Where it carries media; its control port is on loopback. Default: loopback. */
  readonly address?: string;
  /** More of its own. */
  readonly options?: readonly string[];
}

/** An rtpengine of a test's own: in userspace, with ports of its own. */
export class RtpengineProcess {
  readonly ngPort: number;
  readonly #options: RtpengineProcessOptions;
  #child: ChildProcess | undefined;
  log = '';

  private constructor(ngPort: number, options: RtpengineProcessOptions) {
    this.ngPort = ngPort;
    this.#options = options;
  }

  static async start(options: RtpengineProcessOptions = {}): Promise<RtpengineProcess> {
    const daemon = new RtpengineProcess(await freePort(), options);
    await daemon.run();
    return daemon;
  }

  /** Runs it, and runs it anew after `kill`. */
  async run(): Promise<void> {
    const { address = '127.0.0.1', options = [] } = this.#options;
    const firstPort = 24_000 + (process.pid % 20) * 200;
    const child = spawn(
      'rtpengine',
      [
        '--config-file=none',
        '--table=-1',
        `--interface=${address}`,
        `--listen-ng=127.0.0.1:${this.ngPort}`,
        `--port-min=${firstPort}`,
        `--port-max=${firstPort + 199}`,
        '--num-threads=2',
        '--foreground',
        '--log-stderr',
        ...options,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#child = child;
    const ready = new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.log += text;
        if (text.includes('Startup complete')) resolve();
      });
      child.once('exit', () => reject(new Error(`rtpengine did not start:\n${this.log}`)));
    });
    await ready;
  }

  /** As a crash would end it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
