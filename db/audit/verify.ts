import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { AuditVerdict } from '../types.ts';
import type { Head, HeadFile } from './head-file.ts';
import type { HeadSigner } from './signing.ts';
import { Walk, type Wrong } from './walk.ts';

/** Signatures are checked on the main thread: about 10 ms a page. */
const pageRows = 100;
export const logColumns = ['sequence', 'content', 'salt', 'content_digest', 'hash', 'signature'] as const;

/**
 * Walks the whole log: sequences without gaps from 1, content against digest, digest against chain, each row's
 * signature, the head row, and the head kept outside the database.
 *
 * The outside head may lag: it is written after the commit, so a crash between the two leaves rows past it. Such rows
 * are sound when the chain runs through the outside head's hash and they carry good signatures. What cannot be told
 * from such a crash is a cut back to exactly the outside head; the window is one commit. The other way round, a
 * database behind the outside head is a tail cut off (or a database restored from a backup).
 */
export async function verifyAudit(
  db: Kysely<Schema>,
  signer: HeadSigner,
  headFile: HeadFile,
  onProgress: (rows: number) => void = () => undefined,
): Promise<AuditVerdict> {
  // The head first: rows appended while we walk only lie past it.
  const outside = headFile.read();
  const alarms = headFile.alarms();
  const head = await db.selectFrom('audit_head').select(['sequence', 'hash']).where('id', '=', 1).executeTakeFirst();
  const walk = new Walk(signer, outside === 'wrong' ? undefined : outside);
  for (;;) {
    const rows = await db
      .selectFrom('audit_log')
      .select(logColumns)
      .where('sequence', '>', walk.lastSequence)
      .where('sequence', '<=', head?.sequence ?? Number.MAX_SAFE_INTEGER)
      .orderBy('sequence')
      .limit(pageRows)
      .execute();
    for (const row of rows) walk.step(row);
    onProgress(walk.rows);
    if (rows.length < pageRows || walk.wrong !== undefined) break;
  }
  const stray = await db
    .selectFrom('audit_log')
    .select('sequence')
    .where((eb) =>
      eb.or([
        eb('sequence', '<', 1),
        eb('sequence', '>', (inner) => inner.selectFrom('audit_head').select('sequence').where('id', '=', 1)),
      ]),
    )
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();
  const wrong =
    walk.wrong ??
    checkEnd(walk, head, outside) ??
    (stray === undefined ? undefined : strayRow(stray.sequence)) ??
    (alarms.length === 0
      ? undefined
      : {
          firstWrongSequence: null,
          problem: 'earlier-alarm' as const,
          explanation: `at an earlier start the database did not bear out the head kept outside it: see ${alarms.join(', ')} in the audit folder`,
        });
  return {
    rows: walk.rows,
    firstSequence: walk.rows === 0 ? null : walk.firstSequence,
    lastSequence: walk.rows === 0 ? null : walk.lastSequence,
    erasedRows: walk.erasedRows,
    rowsPastOutsideHead: outside instanceof Object ? Math.max(0, walk.lastSequence - outside.sequence) : walk.rows,
    outsideHead: outsideState(walk, outside),
    headSignature: walk.rows === 0 ? 'absent' : walk.signatureWrong ? 'invalid' : 'valid',
    ...(wrong === undefined ? { intact: true } : { intact: false, ...wrong }),
  };
}

function checkEnd(
  walk: Walk,
  head: { readonly sequence: number; readonly hash: Buffer } | undefined,
  outside: Head | 'wrong' | undefined,
): Wrong | undefined {
  const next = walk.lastSequence + 1;
  if (outside === 'wrong')
    return { firstWrongSequence: null, problem: 'outside-head-wrong', explanation: 'the head file cannot be read' };
  if (outside === undefined && walk.rows > 0)
    return { firstWrongSequence: null, problem: 'outside-head-wrong', explanation: 'the head file is gone' };
  if (outside !== undefined && outside.sequence > walk.lastSequence)
    return {
      firstWrongSequence: next,
      problem: 'tail-cut',
      explanation: `rows from ${next} are missing: the head kept outside the database is row ${outside.sequence}`,
    };
  if (head === undefined)
    return { firstWrongSequence: null, problem: 'head-wrong', explanation: 'the head row is missing' };
  if (head.sequence > walk.lastSequence)
    return {
      firstWrongSequence: next,
      problem: 'tail-cut',
      explanation: `rows from ${next} are missing: the head row says ${head.sequence}`,
    };
  if (!head.hash.equals(walk.hash))
    return {
      firstWrongSequence: null,
      problem: 'head-wrong',
      explanation: 'the head row does not hold the hash of the last row',
    };
  return undefined;
}

function outsideState(walk: Walk, outside: Head | 'wrong' | undefined): AuditVerdict['outsideHead'] {
  if (outside === undefined) return 'absent';
  if (outside === 'wrong' || walk.wrong?.problem === 'outside-head-wrong') return 'wrong';
  if (outside.sequence > walk.lastSequence) return 'wrong';
  return outside.sequence === walk.lastSequence ? 'matches' : 'behind';
}

function strayRow(sequence: number): Wrong {
  return {
    firstWrongSequence: sequence,
    problem: 'head-wrong',
    explanation: `row ${sequence} lies outside the log, which runs from 1 to the head row`,
  };
}
