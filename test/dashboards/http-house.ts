import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCorrections } from '#analytics/corrections/corrections.ts';
import { loadActiveRules } from '#analytics/rules/active.ts';
import { createSpeakerDesk } from '#analytics/speakers/desk.ts';
import { openVoiceVerifier } from '#asr/speakers/verification/open.ts';
import { startHttpServer } from '#dashboards/server.ts';
import type { HttpServer } from '#dashboards/types.ts';
import { lockDataDir } from '#db/data-dir.ts';
import { openDatabase } from '#db/database.ts';
import type { Database, Role } from '#db/types.ts';
import { systemClock } from '#lib/clock.ts';
import { closeAll, once } from '#lib/closing.ts';
import { SidetoneError } from '#lib/errors.ts';
import { configSchema } from '#lib/config/schema.ts';
import { silentLogger } from '#lib/log.ts';
import { readSound } from '#media/files/sound/read-sound.ts';
import { createMetrics } from '#lib/metrics.ts';
import { opsOf, type ExampleCall } from './example-call.ts';
import { writeExampleRecording } from './example-recording.ts';
import { ScriptedCalls } from './scripted-calls.ts';
import {
  ScriptedControl,
  ScriptedIngest,
  ScriptedModels,
  ScriptedSources,
  ScriptedStreams,
} from './scripted-stages.ts';

/** The HTTP stage over a real database (PGlite), with calls that a test tells. */
export interface HttpHouse {
  readonly dataDir: string;
  readonly database: Database;
  readonly live: ScriptedCalls;
  readonly control: ScriptedControl;
  readonly ingest: ScriptedIngest;
  readonly sources: ScriptedSources;
  readonly streams: ScriptedStreams;
  readonly models: ScriptedModels;
  readonly http: HttpServer;
  readonly removedRecordings: string[];
  /** While set, no audit row can be written: the database refuses, as with a full disk. */
  auditRefuses: boolean;
  /** While set, audit rows wait for it before they are written: a slow disk. */
  auditHeld: Promise<void> | undefined;
  /** Secrets of API keys, one of each role. */
  readonly keys: Readonly<Record<Role, string>>;
  /** Asks the API; `as` undefined: nobody. */
  ask(path: string, as?: Role, init?: RequestInit): Promise<Response>;
  store(example: ExampleCall): Promise<void>;
  close(): Promise<void>;
}

export async function openHttpHouse(
  change: { readonly webDir?: string; readonly http?: object; readonly config?: object } = {},
): Promise<HttpHouse> {
  const dataDir = mkdtempSync(join(tmpdir(), 'st-http-'));
  const config = configSchema.parse({ dataDir, http: { port: 0, ...change.http }, ...change.config });
  const lock = await lockDataDir(dataDir);
  const database = await openDatabase({
    config,
    runtimeDir: dataDir,
    logger: silentLogger,
    metrics: createMetrics(),
  });
  await database.whenReady();
  const live = new ScriptedCalls();
  const control = new ScriptedControl();
  const ingest = new ScriptedIngest(dataDir, database.ingest);
  const sources = new ScriptedSources();
  const streams = new ScriptedStreams();
  const models = new ScriptedModels();
  const removedRecordings: string[] = [];
  const faults: Faults = { auditRefuses: false, auditHeld: undefined };
  let verifier: ReturnType<typeof openVoiceVerifier> | undefined;
  const http = await startHttpServer({
    config,
    database: withFaults(database, faults),
    live,
    calls: control,
    ingest,
    sources,
    streams,
    models,
    corrections: createCorrections({
      rules: loadActiveRules(config),
      archive: database.archive,
      store: database.store,
      recording: {
        // What is left of a recording once its words are gone is no matter of these tests.
        redactLate: (callId) => Promise.reject(new SidetoneError('not-found', `no recording of ${callId}`)),
      },
      holdMs: config.redaction.holdS * 1000,
      clock: systemClock,
      isLive: (callId) => live.snapshot(callId) !== undefined,
    }),
    speakers: createSpeakerDesk({
      store: database.speakers,
      verifier: () => (verifier ??= openVoiceVerifier({})),
      readSound,
      recordingPath: (path) => join(dataDir, path),
      calls: database.calls,
      isLive: (callId) => live.snapshot(callId) !== undefined,
      onRecord: () => Promise.resolve(),
      logger: silentLogger,
    }),
    recordings: {
      remove: async (callId) => {
        removedRecordings.push(callId);
        await rm(join(dataDir, 'recordings', `${callId}.wav`));
      },
    },
    readiness: () => [{ name: 'database', ok: database.ready, detail: database.status().state }],
    masks: { query: (text) => text.replaceAll(/\d{9,}/g, '#########') },
    metrics: createMetrics(),
    logger: silentLogger,
    webDir: change.webDir ?? join(dataDir, 'no-pages'),
  });
  const keyOf = async (role: Role): Promise<string> => (await database.keys.add({ name: `${role} key`, role })).secret;
  const keys = { admin: await keyOf('admin'), reader: await keyOf('reader'), sender: await keyOf('sender') };
  await database.keys.ensureAdminKey();
  return {
    dataDir,
    database,
    live,
    control,
    ingest,
    sources,
    streams,
    models,
    http,
    removedRecordings,
    get auditRefuses() {
      return faults.auditRefuses;
    },
    set auditRefuses(refuses) {
      faults.auditRefuses = refuses;
    },
    get auditHeld() {
      return faults.auditHeld;
    },
    set auditHeld(held) {
      faults.auditHeld = held;
    },
    keys,
    ask: (path, as, init = {}) => {
      const headers = new Headers(init.headers);
      if (as !== undefined) headers.set('Authorization', `Bearer ${keys[as]}`);
      if (typeof init.body === 'string') headers.set('Content-Type', 'application/json');
      return fetch(`${http.url}${path}`, { ...init, headers });
    },
    store: async (example) => {
      for (const op of opsOf(example)) database.store.write(op);
      const recording = writeExampleRecording(dataDir, example);
      database.store.write({ op: 'recording', callId: example.call.callId, recording });
      await database.flush();
    },
    close: once(async () => {
      await closeAll([
        () => http.close(),
        async () => (await verifier)?.close(),
        () => database.close(),
        () => lock.close(),
      ]);
      rmSync(dataDir, { recursive: true, force: true });
    }),
  };
}

interface Faults {
  auditRefuses: boolean;
  auditHeld: Promise<void> | undefined;
}

/** The database itself, whose audit log can be made to refuse or to be slow. */
function withFaults(database: Database, faults: Readonly<Faults>): Database {
  const append: Database['audit']['append'] = async (entry) => {
    await faults.auditHeld;
    if (faults.auditRefuses) throw new SidetoneError('audit-write-failed', 'no row can be written');
    return database.audit.append(entry);
  };
  const audit: Database['audit'] = {
    append,
    list: (filter) => database.audit.list(filter),
    verify: (onProgress) => database.audit.verify(onProgress),
  };
  return Object.create(database, { audit: { value: audit } }) as Database;
}
