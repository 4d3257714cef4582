import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWav } from '#lib/audio/wav.ts';
import { waitFor } from '../server.ts';

const modulePaths = ['/usr/lib/baresip/modules', '/usr/lib64/baresip/modules', '/usr/local/lib/baresip/modules'];
const modulePath = modulePaths.find((path) => existsSync(join(path, 'sndfile.so')));
export const hasBaresip = modulePath !== undefined && spawnSync('baresip', ['-h']).error === undefined;

export interface BaresipOptions {
  readonly name: string;
  /** Its own address, and the network namespace that it lives in (unset: this machine). */
  readonly address: string;
  readonly namespace?: string;
  readonly port?: number;
  /** A WAV of 8 kHz mono PCM, played once from the answer on. */
  readonly plays: string;
  /** `PCMU` or `PCMA` alone; unset: both. */
  readonly codec?: string;
  /** Unset: it answers by itself. */
  readonly answers?: 'manual';
  /** Digest name and password, for who asks. */
  readonly credentials?: { readonly name: string; readonly password: string };
  /** host:port that all its calls go by, whatever they dial. */
  readonly outbound?: string;
  /** URI dialled as soon as it is up. */
  readonly dials?: string;
}

export interface SeenMessage {
  readonly transport: string;
  /** host:port. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** baresip itself: answers every call, plays a file, keeps what it hears, and shows all SIP that comes and goes. */
export class Baresip {
  readonly #process: ChildProcess;
  readonly #home: string;
  output = '';

  private constructor(child: ChildProcess, home: string) {
    this.#process = child;
    this.#home = home;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  static async start(options: BaresipOptions): Promise<Baresip> {
    const home = mkdtempSync(join(tmpdir(), `sidetone-${options.name}-`));
    writeHome(home, options);
    const command = [
      ...(options.namespace === undefined ? [] : ['ip', 'netns', 'exec', options.namespace]),
      ...['baresip', '-s', '-f', home],
      ...(options.dials === undefined ? [] : ['-e', `/dial ${options.dials}`]),
    ];
    const [file = '', ...args] = command;
    const phone = new Baresip(spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] }), home);
    phone.#process.stdin?.on('error', () => undefined);
    await phone.says('baresip is ready');
    return phone;
  }

  /** Waits until its console has shown the text this many times. */
  async says(text: string, times = 1): Promise<void> {
    await waitFor(`${text} on the console of baresip, which said:\n${this.output}`, () => {
      return this.output.split(text).length > times ? true : undefined;
    }).catch((error: unknown) => {
      throw new Error(`baresip never said "${text}":\n${this.output}`, { cause: error });
    });
  }

  /** Each key as a person would press it: digits are sent as RFC 4733 events while a call is up, `b` hangs up. */
  async press(keys: string): Promise<void> {
    for (const key of keys) {
      this.#process.stdin?.write(key);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  }

  /** A command with an argument, such as `/dial URI`. */
  command(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** The SIP that it sent and got, in order. */
  get messages(): readonly SeenMessage[] {
    const pattern = /#\r?\n(UDP|TCP|TLS) (\S+) -> (\S+)\r?\n(.*?).\[;m/gs;
    return [...this.output.matchAll(pattern)].map(([, transport = '', from = '', to = '', text = '']) => ({
      transport,
      from,
      to,
      text,
    }));
  }

  /** What came out of the far end in the latest call, from its first packet on. Whole once the phone is closed. */
  async heard(): Promise<Int16Array> {
    const dir = join(this.#home, 'calls');
    const file = readdirSync(dir)
      .filter((name) => name.endsWith('-dec.wav'))
      .toSorted()
      .at(-1);
    if (file === undefined) return new Int16Array(0);
    return (await readWav(join(dir, file))).channels[0] ?? new Int16Array(0);
  }

  /** Quits, which ends its calls and its recordings. */
  async quit(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.stdin?.write('q');
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), 5000);
    await exit;
    clearTimeout(kill);
  }

  async close(): Promise<void> {
    await this.quit();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

function writeHome(home: string, options: BaresipOptions): void {
  const { name, address, port = 5060, plays, codec, credentials, outbound } = options;
  mkdirSync(join(home, 'calls'));
  writeFileSync(
    join(home, 'config'),
    [
      'poll_method epoll',
      `sip_listen ${address}:${port}`,
      `audio_source aufile,${plays}`,
      'audio_player aubridge,nowhere',
      `audio_alert aubridge,nowhere`,
      `snd_path ${join(home, 'calls')}`,
      `module_path ${modulePath}`,
      ...['stdio', 'g711', 'sndfile', 'aubridge', 'aufile'].map((module) => `module ${module}.so`),
      ...['uuid', 'account'].map((module) => `module_tmp ${module}.so`),
      'module_app menu.so',
      '',
    ].join('\n'),
  );
  const parameters = [
    'regint=0',
    `answermode=${options.answers ?? 'auto'}`,
    ...(outbound === undefined ? [] : [`outbound="sip:${outbound}"`]),
    ...(codec === undefined ? [] : [`audio_codecs=${codec}/8000/1`]),
    ...(credentials === undefined ? [] : [`auth_user=${credentials.name}`, `auth_pass=${credentials.password}`]),
  ];
  writeFileSync(join(home, 'accounts'), `<sip:${name}@${address}>;${parameters.join(';')}\n`);
  writeFileSync(join(home, 'contacts'), '');
}
