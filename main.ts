import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCdrWatch } from './analytics/assurance/cdr/watch.ts';
import { createCorrections } from './analytics/corrections/corrections.ts';
import { startSecondPass } from './analytics/second-pass/second-pass.ts';
import { startAnalytics, type Analytics } from './analytics/server.ts';
import { maskDigits } from './analytics/redaction/mask-text.ts';
import { loadActiveRules } from './analytics/rules/active.ts';
import { createSpeakerDesk, type SpeakerDesk } from './analytics/speakers/desk.ts';
import { startRecogniser } from './asr/recogniser.ts';
import { createSecondRecogniser } from './asr/second/second-recogniser.ts';
import { openVoiceVerifier } from './asr/speakers/verification/open.ts';
import type { Recogniser } from './asr/types.ts';
import { startHttpServer } from './dashboards/server.ts';
import type { HttpServer } from './dashboards/types.ts';
import { lockDataDir } from './db/data-dir.ts';
import { openDatabase } from './db/database.ts';
import type { Database } from './db/types.ts';
import { systemClock } from './lib/clock.ts';
import { closeAll, once, within, type Closable } from './lib/closing.ts';
import { loadConfig } from './lib/config/load.ts';
import type { Config } from './lib/config/schema.ts';
import { explain, hasCode, SidetoneError, toError } from './lib/errors.ts';
import { createLogger, type Logger } from './lib/log.ts';
import { createMetrics } from './lib/metrics.ts';
import { warnAboutHost } from './lib/host-checks.ts';
import { makeRuntimeDir } from './lib/runtime-dir.ts';
import { FileIngest } from './media/files/ingest.ts';
import { readSound } from './media/files/sound/read-sound.ts';
import { readRecordedSound } from './media/recording/read-sound.ts';
import { recoverRecordings } from './media/recording/recover.ts';
import { startMediaServer, type MediaServer } from './media/server.ts';
import { startStreams, type Streams } from './media/streams/streams.ts';
import { readCapture } from './sip/capture/read-capture.ts';
import { startSipServer, type SipServer } from './sip/server.ts';

/** A running server: the stages, wired. */
export interface Sidetone {
  readonly config: Config;
  readonly sip: SipServer;
  readonly media: MediaServer;
  readonly streams: Streams;
  readonly recogniser: Recogniser;
  readonly analytics: Analytics;
  readonly database: Database;
  readonly http: HttpServer;
  /** Once the database is there: a link that signs in whoever opens it first. */
  signInLink(): Promise<string>;
  /** Refuses new calls and resolves when the last one has ended, or when `drainTimeoutS` is over. */
  drain(): Promise<void>;
  /** Ends what still runs, stores everything and stops. Idempotent. */
  close(): Promise<void>;
}

/** When all calls are over, their texts and rows have this long to be finished. */
const settleTimeoutMs = 30_000;

/**
 * Builds the house: data directory, database, media, recognition, analytics; then the ways in, when there is somebody to
 * take the calls; and the pages last, which show them. The database may be away; calls go on without it.
 * @throws SidetoneError `data-dir-locked`, `rules-invalid`; Node's own error when an address cannot be bound
 */
export async function startSidetone(config: Config, logger: Logger): Promise<Sidetone> {
  const started: (() => Promise<void>)[] = [];
  /** Whatever has been started, the last first. */
  const stop = once(() => closeAll(started.toReversed()));
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    started.push(() => part.close());
    return part;
  };
  try {
    return await assemble(config, logger, keep, stop);
  } catch (error) {
    await stop().catch((err: unknown) => logger.error({ err }, 'closing after a failed start failed'));
    throw error;
  }
}

type Keep = <Part extends { close(): Promise<void> }>(part: Part) => Part;

async function assemble(config: Config, logger: Logger, keep: Keep, stop: () => Promise<void>): Promise<Sidetone> {
  const metrics = createMetrics({ processMetrics: true });
  const rules = loadActiveRules(config);
  keep(await lockDataDir(config.dataDir));
  const runtimeDir = makeRuntimeDir(config.dataDir);
  const recovered = await recoverRecordings(config.dataDir, logger);

  let liveCallIds: () => readonly string[] = () => [];
  const stage = (name: string): Logger => logger.child({ stage: name });
  const database = keep(await openDatabase({ config, runtimeDir, logger, metrics, liveCallIds: () => liveCallIds() }));
  for (const { callId, ...recording } of recovered) database.store.write({ op: 'recording', callId, recording });

  const media = keep(await startMediaServer({ config, logger: stage('media'), metrics }));
  const recogniser = keep(
    await startRecogniser({
      config,
      feed: media,
      runtimeDir,
      cacheDir: `${config.dataDir}/cache`,
      logger: stage('asr'),
      metrics,
    }),
  );
  const isLive = (callId: string): boolean => analytics.live.snapshot(callId) !== undefined;
  const speakers = keep(openSpeakerDesk(config, database, isLive, stage('speakers')));
  const analytics = keep(
    startAnalytics({
      config,
      rules,
      store: database.store,
      recording: media,
      recogniser,
      addedPhrases: () => database.phrases.current,
      ...(config.asr.speakers.identify === 'on' ? { identify: speakers.identify } : {}),
      logger: stage('analytics'),
      metrics,
    }),
  );
  liveCallIds = () => analytics.callIds();
  media.subscribe((event) => analytics.onMedia(event));
  recogniser.subscribe((event) => analytics.onSpeech(event));

  const sip = keep(await startSipServer({ config, media, logger: stage('sip'), metrics }));
  sip.subscribe((event) => analytics.onCall(event));
  const { intake, sources } = sip;
  const clock = systemClock;
  const streams = keep(await startStreams({ config, intake, sources, logger: stage('streams'), metrics, clock }));
  const ingest = keep(
    new FileIngest({
      dataDir: config.dataDir,
      intake,
      media,
      ledger: database.ingest,
      readCapture,
      discard: (callId) => discardCall(callId, media, database),
      clock,
      logger: stage('ingest'),
      concurrency: config.ingest.atOnce,
    }),
  );
  await ingest.open();
  const resumed = database.whenReady().then(() => ingest.resume());
  resumed.catch((err: unknown) => {
    if (!hasCode(err, 'database-unavailable'))
      logger.error({ err: toError(err) }, 'files of an earlier run stay undone');
  });
  keep(startCdrWatch({ config, store: database.cdrs, logger: stage('cdr'), metrics, clock }));
  const corrections = createCorrections({
    rules,
    archive: database.archive,
    store: database.store,
    recording: media,
    holdMs: config.redaction.holdS * 1000,
    clock,
    isLive,
  });

  const second = createSecondRecogniser({ config, cacheDir: `${config.dataDir}/cache`, logger: stage('second-pass') });
  if (second !== undefined) {
    keep(
      startSecondPass({
        config,
        rules,
        archive: database.archive,
        store: database.store,
        recording: media,
        recogniser: second,
        addedPhrases: () => database.phrases.current,
        report: (callId) => database.calls.recording(callId),
        readSound: (path, channel, range) => readRecordedSound(config.dataDir, path, channel, range),
        queue: database.secondPasses,
        openCalls: () => analytics.callIds(),
        subscribe: (listener) => analytics.live.subscribe(listener),
        logger: stage('second-pass'),
        metrics,
        clock,
      }),
    );
  }

  let adminKeyThere = false;
  const http = keep(
    await startHttpServer({
      config,
      database,
      live: analytics.live,
      recordings: media,
      calls: sip,
      ingest,
      corrections,
      speakers,
      sources,
      streams,
      models: recogniser.models,
      readiness: () => readiness({ database, recogniser, sip, config, adminKeyThere }),
      masks: { query: maskDigits },
      metrics,
      logger: stage('http'),
    }),
  );
  const adminKey = async (): Promise<void> => {
    await database.whenReady();
    await database.keys.ensureAdminKey();
    adminKeyThere = true;
  };
  // The command line needs the key, whether or not anybody asks for a link.
  const adminKeyMade = adminKey();
  adminKeyMade.catch((err: unknown) => {
    // Closed before the database was ever there: nothing to tell.
    if (!hasCode(err, 'database-unavailable')) logger.error({ err: toError(err) }, 'no admin key could be made');
  });

  return {
    config,
    sip,
    media,
    streams,
    recogniser,
    analytics,
    database,
    http,
    signInLink: async () => {
      await adminKeyMade;
      return http.oneTimeLink();
    },
    drain: async () => {
      sip.drain();
      streams.drain();
      // Files that are not done are begun anew by the next server.
      await ingest.close();
      await within(config.sip.drainTimeoutS * 1000, sip.whenIdle());
    },
    close: once(async () => {
      sip.drain();
      streams.drain();
      await ingest.close();
      await sip.hangUpAll('server-shutdown');
      await within(settleTimeoutMs, analytics.whenIdle());
      await stop();
    }),
  };
}

/** The speaker model is loaded when somebody is first enrolled or looked for. */
function openSpeakerDesk(
  config: Config,
  database: Database,
  isLive: (callId: string) => boolean,
  logger: Logger,
): SpeakerDesk & Closable {
  let loading: ReturnType<typeof openVoiceVerifier> | undefined;
  const desk = createSpeakerDesk({
    store: database.speakers,
    verifier: () => {
      loading ??= openVoiceVerifier(config.asr.speakers);
      loading.catch(() => (loading = undefined));
      return loading;
    },
    readSound,
    recordingPath: (path) => join(config.dataDir, path),
    calls: database.calls,
    isLive,
    onRecord: async (callId, speakerIds) => {
      await database.audit.append({
        actor: { kind: 'system', id: 'server', name: 'server' },
        action: 'speaker-identified',
        target: { kind: 'call', id: callId },
        detail: { speakerIds },
        sourceIp: null,
        atEpochMs: systemClock.nowEpochMs(),
        outcome: 'allowed',
      });
    },
    logger,
  });
  const close = once(async () => {
    const loaded = await loading?.catch(() => undefined);
    await loaded?.close();
  });
  return { ...desk, close };
}

/** What an interrupted run has stored of a call out of a file, which is to be played anew under its id. */
async function discardCall(callId: string, media: MediaServer, database: Database): Promise<void> {
  await media.remove(callId).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'not-found')) throw thrown;
  });
  await database.calls.discard(callId);
}

interface Readable {
  readonly database: Database;
  readonly recogniser: Recogniser;
  readonly sip: SipServer;
  readonly config: Config;
  readonly adminKeyThere: boolean;
}

function readiness({
  database,
  recogniser,
  sip,
  config,
  adminKeyThere,
}: Readable): readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[] {
  const { state, trouble, audit, auditTrouble } = database.status();
  const { ready, model } = recogniser.status();
  const recognition = config.asr.processes === 0 ? 'off' : ready ? model : 'loading the model';
  const rtpengine = sip.rtpengine();
  return [
    ...(rtpengine === undefined ? [] : [{ name: 'rtpengine', ok: rtpengine.ok, detail: rtpengine.detail }]),
    { name: 'database', ok: database.ready, detail: trouble ?? state },
    { name: 'admin key', ok: adminKeyThere, detail: adminKeyThere ? 'made' : 'waiting for the database' },
    { name: 'audit log', ok: audit !== 'broken', detail: auditTrouble ?? audit },
    { name: 'recognition', ok: ready || config.asr.processes === 0, detail: recognition },
  ];
}

/**
 * `npm start`. The first SIGTERM or SIGINT drains: no new calls, those that run go on until they end or the drain
 * timeout. The second ends them. Either way everything heard is stored before the process is gone.
 */
export async function serve(configFile: string | undefined): Promise<void> {
  const config = loadConfig(configFile, process.env);
  const logger = createLogger(config.log.level);
  warnAboutHost(logger);
  let signals = 0;
  let hurry = (): void => undefined;
  const hurried = new Promise<void>((resolve) => {
    hurry = resolve;
  });
  let heard = (): void => undefined;
  const firstSignal = new Promise<void>((resolve) => {
    heard = resolve;
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      signals += 1;
      heard();
      if (signals > 1) hurry();
    });
  }
  const sidetone = await startSidetone(config, logger);
  announce(sidetone, logger);
  await firstSignal;
  logger.info({ activeCalls: sidetone.sip.activeCalls }, 'draining: no new calls; a second signal ends those that run');
  await Promise.race([sidetone.drain(), hurried]);
  await sidetone.close();
  logger.info('stopped');
}

function announce(sidetone: Sidetone, logger: Logger): void {
  const { config, sip, http } = sidetone;
  for (const { transport, address, port } of sip.bindings) logger.info({ transport, address, port }, 'SIP is open');
  logger.info({ url: http.url, dataDir: config.dataDir }, 'pages and API are open');
  const invite = async (): Promise<void> => {
    const link = await sidetone.signInLink();
    process.stdout.write(`\nSidetone is running. Open this link once to sign in as administrator:\n\n  ${link}\n\n`);
  };
  invite().catch((err: unknown) => logger.warn({ err: toError(err) }, 'no sign-in link: the database never came'));
}

if (import.meta.main) {
  try {
    const { values } = parseArgs({ options: { config: { type: 'string', short: 'c' } } });
    await serve(values.config);
    process.exit(0);
  } catch (error) {
    const known = error instanceof SidetoneError;
    process.stderr.write(`sidetone: ${explain(error)}\n`);
    process.exit(known && error.code === 'config-invalid' ? 2 : 1);
  }
}
