import { join } from 'node:path';
import type { AuditLog } from '../types.ts';
import { AuditAppender, type AppenderTools } from './append.ts';
import { checkHead } from './check-head.ts';
import { HeadFile } from './head-file.ts';
import { listAudit } from './list.ts';
import { loadSigner } from './signing.ts';
import { verifyAudit } from './verify.ts';

export interface Audit extends AuditLog {
  /** On each connect, before anything is appended. */
  checkHead(db: AppenderTools['db']): Promise<'intact' | 'broken'>;
  /** Resolves when no append is under way. */
  settle(): Promise<void>;
}

/** Makes the signing key at first start. @throws what the disk says */
export function createAudit(dataDir: string, given: Omit<AppenderTools, 'signer' | 'headFile'>): Audit {
  const signer = loadSigner(join(dataDir, 'keys'));
  const headFile = new HeadFile(join(dataDir, 'audit'), signer.keyId);
  const tools = { ...given, signer, headFile };
  const appender = new AuditAppender(tools);
  return {
    append: (entry) => appender.append(entry),
    list: (filter) => listAudit(given.db, filter),
    verify: (onProgress) => verifyAudit(given.db, signer, headFile, onProgress),
    checkHead: (db) => checkHead(db, tools, given.clock.nowEpochMs()),
    settle: () => appender.settle(),
  };
}
