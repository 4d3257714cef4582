import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { KnownModel, Models } from '#asr/types.ts';
import type { CallControl, ForkRequest } from '#dashboards/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import type {
  Ingest,
  IngestEntry,
  IngestLedger,
  IngestState,
  IngestUpload,
  StreamIntake,
  StreamPair,
  StreamSender,
} from '#media/types.ts';
import type { SourceBook, SourceIdentity, SourceRefusal, SourceState } from '#sip/types.ts';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Signalling as a test tells it: which calls run, and what rtpengine says. */
export class ScriptedControl implements CallControl {
  readonly bindings = [{ transport: 'udp', address: '127.0.0.1', port: 5060 }];
  readonly running = new Set<string>();
  readonly pauses: (readonly [callId: string, paused: boolean, by: string])[] = [];
  readonly released: string[] = [];
  readonly asked: ForkRequest[] = [];
  /** What the next forks are answered with; undefined: no rtpengine is configured. */
  rtpengine: { readonly callId: string } | SidetoneError | undefined;

  get copies(): CallControl['copies'] {
    const answer = this.rtpengine;
    if (answer === undefined) return undefined;
    return {
      fork: (request) => {
        this.asked.push(request);
        return answer instanceof SidetoneError ? Promise.reject(answer) : Promise.resolve(answer);
      },
      release: (sipCallId) => {
        this.released.push(sipCallId);
        return Promise.resolve(true);
      },
    };
  }

  pause(callId: string, paused: boolean, by: string): boolean {
    if (this.running.has(callId)) this.pauses.push([callId, paused, by]);
    return this.running.has(callId);
  }
}

/** Takes every file but those that say they are broken, and keeps what it was told of each, in the ledger too. */
export class ScriptedIngest implements Ingest {
  readonly spoolDir: string;
  readonly uploads: IngestUpload[] = [];
  /** What a file is found to have come to, one look after another. */
  readonly states: IngestState[] = [];
  /** Called once a file is taken, before whoever handed it in knows. */
  onTaken: () => void = () => undefined;
  readonly #entries = new Map<string, IngestEntry>();
  readonly #ledger: Pick<IngestLedger, 'save'>;

  constructor(dataDir: string, ledger: Pick<IngestLedger, 'save'>) {
    this.#ledger = ledger;
    this.spoolDir = join(dataDir, 'ingest');
    mkdirSync(this.spoolDir, { mode: 0o700 });
  }

  async take(upload: IngestUpload): ReturnType<Ingest['take']> {
    this.uploads.push(upload);
    const contents = upload.files.map(({ path }) => readFileSync(path));
    for (const { path } of upload.files) rmSync(path);
    if (contents.some((content) => content.includes('broken'))) {
      const why = 'FLAC with a damaged frame (at byte 49156, after 0:00:01.4 of sound)';
      throw new SidetoneError('unsupported-audio', why);
    }
    const hashes = contents.map((content) => createHash('sha256').update(content).digest('hex'));
    const sha256 = hashes.length === 1 ? String(hashes[0]) : createHash('sha256').update(hashes.join('')).digest('hex');
    const known = this.#entries.get(sha256);
    if (known !== undefined) return { entry: known, isNew: false };
    const takenEpochMs = Date.now();
    const entry: IngestEntry = {
      sha256,
      names: upload.files.map(({ name }) => name),
      bytes: contents.reduce((sum, { length }) => sum + length, 0),
      spooled: upload.files.map(({ path }) => basename(path)),
      swap: upload.swap,
      startedAtEpochMs: upload.startedAtEpochMs ?? takenEpochMs,
      sourceName: upload.sourceName,
      callIds: [newId(takenEpochMs)],
      takenEpochMs,
      state: 'waiting',
      durationMs: 65_300,
      doneMs: 0,
      hoursPerHour: null,
      fault: null,
      handedInBy: upload.handedInBy ?? null,
      phrases: upload.phrases ?? [],
    };
    this.#entries.set(sha256, entry);
    await this.#ledger.save(entry);
    this.onTaken();
    return { entry, isNew: true };
  }

  find(sha256: string): Promise<IngestEntry | undefined> {
    const entry = this.#entries.get(sha256);
    const state = entry === undefined ? undefined : this.states.shift();
    if (entry === undefined || state === undefined) return Promise.resolve(entry);
    const doneMs = state === 'done' ? entry.durationMs : 0;
    const fault = state === 'failed' ? 'ended early: max-duration' : null;
    const changed = { ...entry, state, doneMs, hoursPerHour: 23.44, fault };
    this.#entries.set(sha256, changed);
    return Promise.resolve(changed);
  }

  subscribe(): () => void {
    return () => undefined;
  }
}

export class ScriptedSources implements SourceBook {
  readonly sinceEpochMs = Date.parse('2026-11-25T08:00:00Z');
  states: readonly SourceState[] = [];
  readonly refusals: (readonly [source: SourceIdentity, address: string, refusal: SourceRefusal])[] = [];

  seen(): void {}

  refused(source: SourceIdentity, address: string, refusal: SourceRefusal): void {
    this.refusals.push([source, address, refusal]);
  }

  list(): readonly SourceState[] {
    return this.states;
  }
}

/** Changes to any model but `broken`. */
export class ScriptedModels implements Models {
  inUse = 'moonshine-tiny-en';

  list(): Promise<readonly KnownModel[]> {
    const here = ['moonshine-tiny-en', 'another', 'broken'].map((name) => ({
      name,
      inUse: name === this.inUse,
      isHere: true,
      languages: ['en'],
      licence: 'MIT',
      source: null,
      downloadBytes: null,
    }));
    return Promise.resolve(here);
  }

  use(name: string): Promise<void> {
    if (name === 'broken')
      return Promise.reject(new SidetoneError('model-broken', 'half.onnx is not a whole ONNX file'));
    this.inUse = name;
    return Promise.resolve();
  }
}

/** Hands each admitted sender to whoever tests. */
export class ScriptedStreams implements StreamIntake {
  readonly senders: StreamSender[] = [];
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void = (_request, socket) => socket.destroy();

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, sender: StreamSender): void {
    this.senders.push(sender);
    this.onUpgrade(request, socket, head);
  }

  readonly pairs: StreamPair[] = [];
  registerPair(pair: StreamPair): void {
    this.pairs.push(pair);
  }
}
