import { join } from 'node:path';
import { closeAll, once, within } from '#lib/closing.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import { createCdrStore } from './assurance/cdrs.ts';
import { createAssuranceReader } from './assurance/report.ts';
import { createAudit } from './audit/audit.ts';
import { applyOps } from './calls/apply.ts';
import { createArchive } from './calls/archive.ts';
import { Cleaner } from './calls/cleaning.ts';
import { closeDeadCalls } from './calls/dead-calls.ts';
import { storeLosses } from './calls/losses.ts';
import { createCallReader } from './calls/reader.ts';
import { becomesReady } from './connection/becomes-ready.ts';
import { Keeper, type KeeperState } from './connection/keeper.ts';
import { pglitePort, supervisePglite } from './connection/pglite-process.ts';
import { openPool } from './connection/pool.ts';
import { Upkeep } from './connection/upkeep.ts';
import { readServerId } from './data-dir.ts';
import { createExportStore, markExportsGone } from './exports.ts';
import { createIngestLedger } from './ingest-ledger.ts';
import { openIntake } from './journal/intake.ts';
import { migrate } from './migrations/migrate.ts';
import { createSecondPassStore } from './second-passes.ts';
import { searchUtterances } from './search/search.ts';
import { createPhraseStore } from './phrases.ts';
import type { StoreOp } from '#analytics/types.ts';
import type { Database, ReadinessEvent } from './types.ts';
import { createKeyStore } from './users/keys.ts';
import { createSessionStore } from './users/sessions.ts';
import { createSpeakerStore } from './speakers/speakers.ts';
import { createVoiceCipher } from './speakers/voice-cipher.ts';
import { createUserStore } from './users/users.ts';

export interface DatabaseOptions {
  readonly config: Config;
  /** Of this server alone, mode 0700, and short: a socket is made in it. */
  readonly runtimeDir: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  /** Calls alive in this process: never closed as dead. */
  readonly liveCallIds?: () => readonly string[];
}

const flushTimeoutMs = 10_000;
const vacuumGraceMs = 3_000;
/** PGlite's write-ahead log is in our data directory: what it says of rows that were wiped must go as well. */
const dropWriteAheadLog = ['set wal_recycle = off', 'select pg_switch_wal()', 'checkpoint'];

/**
 * Opens storage over the data directory, which the caller has locked (data-dir.ts). Returns at once: the database is
 * reached in the background, at start as after every loss, and until then what is written waits in the journal.
 * @throws SidetoneError `config-invalid` (runtime directory), or what the disk of the data directory says
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { config, metrics } = options;
  const clock = options.clock ?? systemClock;
  const logger = options.logger.child({ stage: 'db' });
  const owner = readServerId(config.dataDir);
  const pglite =
    config.databaseUrl === undefined
      ? supervisePglite({
          folder: join(config.dataDir, 'pglite'),
          runtimeDir: options.runtimeDir,
          logger,
          onDied: () => keeper.suspect(),
        })
      : undefined;
  const pool = openPool(
    config.databaseUrl === undefined
      ? { kind: 'pglite', directory: options.runtimeDir, port: pglitePort }
      : { kind: 'postgres', url: config.databaseUrl },
    () => keeper.suspect(),
  );
  const db = pool.open;
  const audit = createAudit(config.dataDir, { db, logger, metrics, clock });
  const cleaner = new Cleaner(pool, logger, pglite === undefined ? [] : dropWriteAheadLog);
  const clean = (): void => cleaner.schedule();
  const upkeep = pglite === undefined ? undefined : new Upkeep(pool, logger);
  const intake = openIntake({
    dataDir: config.dataDir,
    limitMb: config.store.journalLimitMb,
    apply: async (ops) => {
      if (await applyOps(pool.early, ops, owner)) clean();
      upkeep?.wrote(ops.length);
      // After the commit: whoever reads the call from now on reads the new text. A crash in between has the journal
      // hand the ops over again.
      if (await markExportsGone(pool.early, rewrittenCalls(ops), 'late-redaction')) exportsGone.emit();
    },
    storeLosses: (losses) => storeLosses(pool.early, losses),
    onTrouble: () => keeper.suspect(),
    logger,
    metrics,
  });
  const readiness = new Emitter<ReadinessEvent>((err) => logger.error({ err }, 'a readiness listener threw'));
  const exportsGone = new Emitter<void>((err) => logger.error({ err }, 'a listener to exports threw'));
  const readyGauge = metrics.gauge('sidetone_db_ready', '1 while the database is ready.');
  const phrases = createPhraseStore(db, clock);
  let closedCallIds: readonly string[] = [];

  const prepare = async (): Promise<void> => {
    const applied = await migrate(pool.early);
    if (applied.length > 0) logger.info({ migrations: applied }, 'the database is migrated');
    await audit.checkHead(pool.early);
    // Asked before and after: a call may end, or begin, while the journal is being stored.
    const liveBefore = options.liveCallIds?.() ?? [];
    await intake.catchUp();
    const live = [...liveBefore, ...(options.liveCallIds?.() ?? [])];
    closedCallIds = await closeDeadCalls(pool.early, owner, live);
    for (const callId of closedCallIds) logger.warn({ callId, reason: 'server-restarted' }, 'a dead call is closed');
  };
  const onState = (state: KeeperState): void => {
    const ready = state === 'ready';
    pool.setGate(ready);
    readyGauge.set(ready ? 1 : 0);
    if (ready) {
      intake.resume();
      clean();
      audit.watch();
      // Calls that begin from now on know them.
      phrases.list().catch((err: unknown) => logger.warn({ err }, 'the list of phrases could not be read'));
      logger.info({ mode: pglite === undefined ? 'postgres' : 'pglite' }, 'the database is ready');
    } else void intake.pause();
    readiness.emit({ ready, closedCallIds: ready ? closedCallIds : [] });
  };
  const keeper = new Keeper({
    reach: async () => {
      await pglite?.ensure();
      await pool.probe();
    },
    prepare,
    probe: () => pool.probe(),
    drop: async () => pglite?.kill(),
    onState,
    logger,
    clock,
  });

  return {
    store: intake.store,
    calls: createCallReader(db, intake, clean),
    utterances: { search: (query) => searchUtterances(db, query) },
    audit,
    users: createUserStore(db, clock),
    keys: createKeyStore(db, config.dataDir, clock),
    sessions: createSessionStore(db, clock),
    exports: createExportStore(db),
    cdrs: createCdrStore(db, owner),
    speakers: createSpeakerStore({
      db,
      cipher: createVoiceCipher(config.dataDir),
      clock,
      flush: () => intake.flush(flushTimeoutMs),
      clean,
      exportsGone: () => exportsGone.emit(),
    }),
    assurance: createAssuranceReader(db),
    ingest: createIngestLedger(db, owner, clean),
    phrases,
    secondPasses: createSecondPassStore(db, owner),
    archive: createArchive({ db, intake, flushTimeoutMs, clock, clean, exportsGone: () => exportsGone.emit() }),
    get ready() {
      return keeper.state === 'ready';
    },
    whenReady: () => becomesReady(keeper, readiness),
    onExportsGone: (listener) => exportsGone.subscribe(listener),
    onReadiness: (listener) => readiness.subscribe(listener),
    status: () => ({
      mode: pglite === undefined ? 'postgres' : 'pglite',
      state: keeper.state,
      sinceEpochMs: keeper.sinceEpochMs,
      trouble: keeper.state === 'ready' ? null : keeper.trouble,
      journal: intake.status,
      audit: audit.health.state,
      auditTrouble: audit.health.trouble,
      auditVerifiedTo: audit.health.verifiedTo,
      pgliteRestarts: pglite?.restarts ?? 0,
    }),
    flush: (timeoutMs = flushTimeoutMs) => intake.flush(timeoutMs),
    close: once(async () => {
      await closeAll([
        () => (keeper.state === 'ready' ? intake.flush(flushTimeoutMs) : undefined),
        () => audit.settle(),
        // A vacuum may take an hour. One that is cut off changes nothing and comes again.
        () => within(vacuumGraceMs, cleaner.close()),
        () => intake.pause(),
        () => within(vacuumGraceMs, upkeep?.settle() ?? Promise.resolve()),
        async () => {
          // The keeper may be waiting for the very process or connection that is to end.
          const kept = keeper.close();
          await pool.end();
          await pglite?.close();
          await kept;
        },
        () => intake.close(),
      ]);
    }),
  };
}

function rewrittenCalls(ops: readonly StoreOp[]): readonly string[] {
  return [...new Set(ops.flatMap((op) => (op.op === 'rewrite-utterance' ? [op.utterance.callId] : [])))];
}
