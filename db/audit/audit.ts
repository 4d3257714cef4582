import { join } from 'node:path';
import type { AuditLog } from '../types.ts';
import { AuditAppender, type AppenderTools } from './append.ts';
import { checkHead } from './check-head.ts';
import { HeadFile } from './head-file.ts';
import { listAudit } from './list.ts';
import { loadSigner } from './signing.ts';
import { verifyAudit } from './verify.ts';
import { AuditWatch } from './watch.ts';

const headTrouble = 'the log does not match the head kept outside the database';

export interface AuditHealth {
  readonly state: 'unchecked' | 'intact' | 'broken';
  /** One sentence; null unless broken. */
  readonly trouble: string | null;
  /** Rows that the background check has found right, from the first on. */
  readonly verifiedTo: number;
}

export interface Audit extends AuditLog {
  /** On each connect, before anything is appended. */
  checkHead(db: AppenderTools['db']): Promise<void>;
  /** When ready: begins to check the rows themselves, in the background. */
  watch(): void;
  readonly health: AuditHealth;
  /** Ends the check for good. Resolves when no append is under way either. */
  settle(): Promise<void>;
}

/** Makes the signing key at first start. @throws what the disk says */
export function createAudit(dataDir: string, given: Omit<AppenderTools, 'signer' | 'headFile'>): Audit {
  const { db, clock, logger, metrics } = given;
  const dir = join(dataDir, 'audit');
  const signer = loadSigner(join(dataDir, 'keys'));
  const headFile = new HeadFile(dir, signer.keyId);
  const tools = { ...given, signer, headFile };
  const appender = new AuditAppender(tools);
  const watch = new AuditWatch({
    db,
    signer,
    verified: new HeadFile(dir, signer.keyId, 'verified.json'),
    logger,
    clock,
    verifiedRows: metrics.gauge(
      'sidetone_db_audit_verified_rows',
      'Rows of the audit log found right, from the first.',
    ),
    wrongRows: metrics.counter('sidetone_db_audit_broken_total', 'Checks that found the audit log tampered with.'),
  });
  let head: AuditHealth['state'] = 'unchecked';
  return {
    append: (entry) => appender.append(entry),
    list: (filter) => listAudit(db, filter),
    verify: (onProgress) => verifyAudit(db, signer, headFile, onProgress),
    checkHead: async (early) => {
      head = await checkHead(early, tools, clock.nowEpochMs());
    },
    watch: () => watch.start(),
    get health(): AuditHealth {
      const { wrong, verifiedTo } = watch;
      if (wrong !== undefined) return { state: 'broken', trouble: wrong.explanation, verifiedTo };
      return { state: head, trouble: head === 'broken' ? headTrouble : null, verifiedTo };
    },
    settle: async () => {
      await watch.close();
      await appender.settle();
    },
  };
}
