import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from '#lib/log.ts';
import { unreachable } from '#lib/errors.ts';
import { StateMachine } from '#lib/state-machine.ts';
import type { EngineSettings } from '../engines/by-language.ts';
import type { SpeakerSettings } from '../speakers/open.ts';
import type {
  ChildMessage,
  LoadReport,
  ParentMessage,
  SideStart,
  SpeechEvent,
  WaitingSettings,
} from '../process/messages.ts';

/**
 * One life of a recogniser process, as its parent sees it.
 *
 * STARTING until it listens; LISTENING while it loads its models (it takes calls and keeps their audio); READY; CLOSING
 * once it was told to decide what it has heard and to exit; GONE when it has exited, for whatever reason, or could not
 * even be made, which is told once. A process that does not answer in time is killed, and so becomes gone; of a closing
 * one nothing that it says puts that off.
 *
 *     starting -> listening -> ready;  starting | listening | ready -> closing;  any -> gone
 */
type State = 'starting' | 'listening' | 'ready' | 'closing' | 'gone';
const legal: Readonly<Record<State, readonly State[]>> = {
  starting: ['listening', 'closing', 'gone'],
  listening: ['ready', 'closing', 'gone'],
  ready: ['closing', 'gone'],
  closing: ['gone'],
  gone: [],
};

export interface ProcessSettings {
  readonly engine: EngineSettings;
  readonly waiting: WaitingSettings;
  readonly speakers: SpeakerSettings;
  readonly startTimeoutMs: number;
  /** Until the models are loaded: a gigabyte from a slow disk, during which it can say nothing. */
  readonly loadTimeoutMs: number;
  /** Without any word from a process that is ready. It reports every second. */
  readonly silenceTimeoutMs: number;
}

export const defaultProcessTimes = {
  startTimeoutMs: 30_000,
  loadTimeoutMs: 300_000,
  silenceTimeoutMs: 60_000,
} as const;

export interface ProcessListener {
  listening(): void;
  ready(model: string): void;
  opened(callId: string, epoch: number): void;
  speech(callId: string, epoch: number, event: SpeechEvent): void;
  load(report: LoadReport): void;
  /** `why`: what the process said of it, or how it ended. */
  gone(why: string): void;
}

export class RecogniserProcess {
  readonly socketPath: string;
  readonly #child: ChildProcess;
  readonly #listener: ProcessListener;
  readonly #logger: Logger;
  readonly #settings: ProcessSettings;
  readonly #machine = new StateMachine<State>('starting', legal);
  #watchdog: NodeJS.Timeout | undefined;
  #failure: string | undefined;

  constructor(socketPath: string, settings: ProcessSettings, logger: Logger, listener: ProcessListener) {
    this.socketPath = socketPath;
    this.#settings = settings;
    this.#logger = logger;
    this.#listener = listener;
    rmSync(socketPath, { force: true });
    this.#child = fork(fileURLToPath(new URL('../process/child.ts', import.meta.url)), [], {
      execArgv: ['--disable-sigusr1'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => this.#receive(message as ChildMessage));
    this.#child.on('error', (error) => {
      logger.warn({ err: error }, 'recogniser process trouble');
      // Never started: it has no exit to come.
      if (this.pid === undefined) this.#leave(error.message);
    });
    this.#child.on('exit', (code, signal) => {
      logger.info({ pid: this.pid, code, signal }, 'recogniser process exited');
      this.#leave(signal === null ? `it exited with ${code}` : `it was ended by ${signal}`);
    });
    this.#watch(settings.startTimeoutMs);
    const { engine, waiting, speakers } = settings;
    this.#send({ type: 'start', socketPath, engine, waiting, speakers });
  }

  get #state(): State {
    return this.#machine.state;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get takesCalls(): boolean {
    return this.#state === 'listening' || this.#state === 'ready';
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  open(callId: string, epoch: number, sides: readonly SideStart[], phrases: readonly string[] = []): void {
    this.#send({ type: 'open', callId, epoch, sides, phrases });
  }

  addSide(callId: string, epoch: number, start: SideStart, phrases: readonly string[] = []): void {
    this.#send({ type: 'add-side', callId, epoch, start, phrases });
  }

  abandon(callId: string): void {
    this.#send({ type: 'abandon', callId });
  }

  /** Decides what it has heard and exits; after `timeoutMs` it is killed. */
  close(timeoutMs: number): Promise<void> {
    if (this.#state === 'gone') return Promise.resolve();
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      if (this.#state !== 'closing') this.#machine.enter('closing');
      this.#send({ type: 'close' });
      this.#watch(timeoutMs);
    });
  }

  #receive(message: ChildMessage): void {
    if (this.#state === 'gone') return;
    const closing = this.#state === 'closing';
    if (message.type === 'load' && this.#state === 'ready') this.#watch(this.#settings.silenceTimeoutMs);
    switch (message.type) {
      case 'listening':
        if (closing) return;
        this.#machine.enter('listening');
        this.#watch(this.#settings.loadTimeoutMs);
        this.#listener.listening();
        return;
      case 'ready':
        if (closing) return;
        this.#machine.enter('ready');
        this.#watch(this.#settings.silenceTimeoutMs);
        this.#logger.info({ pid: this.pid, model: message.model, loadMs: message.loadMs }, 'recogniser process ready');
        this.#listener.ready(message.model);
        return;
      case 'opened':
        this.#listener.opened(message.callId, message.epoch);
        return;
      case 'speech':
        this.#listener.speech(message.callId, message.epoch, message.event);
        return;
      case 'load':
        this.#listener.load(message.report);
        return;
      case 'failed':
        this.#logger.error({ pid: this.pid, reason: message.reason }, 'recogniser process failed');
        this.#failure = message.reason;
        this.#child.kill('SIGKILL');
        return;
      default:
        unreachable(message);
    }
  }

  #leave(how: string): void {
    if (this.#state === 'gone') return;
    clearTimeout(this.#watchdog);
    this.#machine.enter('gone');
    rmSync(this.socketPath, { force: true });
    this.#listener.gone(this.#failure ?? how);
  }

  #watch(timeoutMs: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#logger.warn({ pid: this.pid }, 'recogniser process does not answer: killed');
      this.#child.kill('SIGKILL');
    }, timeoutMs);
    this.#watchdog.unref();
  }

  #send(message: ParentMessage): void {
    // A send that fails comes back as an exit: the channel closes with the process.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}
