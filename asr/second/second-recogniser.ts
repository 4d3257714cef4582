import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from '#lib/closing.ts';
import type { Config } from '#lib/config/schema.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { EngineSettings } from '../engines/by-language.ts';
import { requireModel } from '../models/known.ts';
import type { PieceText, SecondRecogniser, SoundPiece } from '../types.ts';
import type { SecondChildMessage, SecondParentMessage } from './messages.ts';

export interface SecondRecogniserOptions {
  readonly config: Config;
  readonly cacheDir: string;
  readonly logger: Logger;
  /** A process without work is let go after that, and its model with it. */
  readonly idleMs?: number;
}

/** Loading a large model, or a batch of long turns on a busy machine, takes minutes; more is a process that hangs. */
const answerTimeoutMs = 600_000;
const closeTimeoutMs = 20_000;

/**
 * The recogniser of the second pass, in a process of its own that is there only while there is work. One request after
 * the other. Undefined where the configuration asks for none.
 * @throws SidetoneError `model-missing`
 */
export function createSecondRecogniser(options: SecondRecogniserOptions): SecondRecogniser | undefined {
  const { asr, dataDir } = options.config;
  if (asr.secondPass === undefined) return undefined;
  const modelsDir = join(dataDir, 'models');
  const { model } = asr.secondPass;
  requireModel(model, modelsDir);
  const { endpoint, language } = asr;
  const { cacheDir } = options;
  return new OwnProcess({ model, models: {}, cacheDir, modelsDir, threads: 1, endpoint, language }, options);
}

class OwnProcess implements SecondRecogniser {
  readonly #engine: EngineSettings;
  readonly #logger: Logger;
  readonly #idleMs: number;
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(engine: EngineSettings, { logger, idleMs = 60_000 }: SecondRecogniserOptions) {
    this.#engine = engine;
    this.#logger = logger;
    this.#idleMs = idleMs;
  }

  get model(): string {
    return this.#engine.model;
  }

  async recognise(pieces: readonly SoundPiece[]): Promise<readonly (PieceText | null)[]> {
    clearTimeout(this.#idle);
    try {
      if (this.#child === undefined) {
        const startMs = performance.now();
        await this.#ask({ type: 'start', engine: this.#engine });
        this.#logger.info(
          { model: this.model, loadMs: Math.round(performance.now() - startMs) },
          'second pass is ready',
        );
      }
      const answer = await this.#ask({ type: 'recognise', pieces });
      if (answer.type !== 'heard' || answer.texts.length !== pieces.length) {
        throw new SidetoneError('internal-error', 'the second pass gave another answer than was asked for');
      }
      return answer.texts;
    } finally {
      this.#idle = setTimeout(() => void this.#letGo(), this.#idleMs);
      this.#idle.unref();
    }
  }

  readonly close = once(async () => {
    this.#closed = true;
    clearTimeout(this.#idle);
    await this.#letGo();
  });

  async #ask(message: SecondParentMessage): Promise<SecondChildMessage> {
    if (this.#closed) throw new SidetoneError('server-draining', 'no second pass: shutting down');
    const child = (this.#child ??= this.#fork());
    const { promise, resolve, reject } = Promise.withResolvers<SecondChildMessage>();
    const heard = (answer: unknown): void => resolve(answer as SecondChildMessage);
    const gone = (): void => reject(new SidetoneError('asr-process-lost', 'the process of the second pass ended'));
    const timer = setTimeout(() => child.kill('SIGKILL'), answerTimeoutMs);
    timer.unref();
    child.once('message', heard).once('exit', gone);
    child.send(message, () => undefined);
    try {
      const answer = await promise;
      if (answer.type === 'failed') {
        this.#child = undefined;
        throw new SidetoneError(answer.code, answer.reason);
      }
      return answer;
    } finally {
      clearTimeout(timer);
      child.off('message', heard).off('exit', gone);
    }
  }

  #fork(): ChildProcess {
    const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [], {
      execArgv: ['--disable-sigusr1'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('error', (err) => this.#logger.warn({ err }, 'second pass process trouble'));
    child.on('exit', (code, signal) => {
      this.#logger.info({ pid: child.pid, code, signal }, 'second pass process exited');
      if (this.#child === child) this.#child = undefined;
    });
    return child;
  }

  /** It ends by itself between two runs of its model; after a while it is killed. */
  async #letGo(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), closeTimeoutMs);
    if (child.connected) child.disconnect();
    await gone;
    clearTimeout(timer);
  }
}
