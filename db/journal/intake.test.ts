import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StoreOp } from '#analytics/types.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { sampleCall } from '../test/samples.ts';
import { openIntake, type Intake } from './intake.ts';
import { Journal } from './journal.ts';

let dataDir: string;
let intake: Intake;
/** What comes after an op has been handed over to be stored, before it is. */
let whileStored: (op: StoreOp) => void;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sidetone-intake-'));
  whileStored = () => undefined;
  intake = openIntake({
    dataDir,
    limitMb: 1,
    apply: (ops) => {
      for (const op of ops) whileStored(op);
      return Promise.resolve();
    },
    storeLosses: () => Promise.resolve(new Map()),
    onTrouble: () => undefined,
    logger: silentLogger,
    metrics: createMetrics(),
  });
});
afterEach(async () => {
  await intake.pause();
  intake.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const write = (callId: string): void => intake.store.write({ op: 'call', call: sampleCall(callId) });
/** Calls that a process would find to be stored which started now, after a crash of this one. */
function leftBehind(): readonly string[] {
  const copy = join(dataDir, 'copy');
  cpSync(join(dataDir, 'journal'), copy, { recursive: true });
  const { ops } = new Journal(copy, 1 << 20).peek(100, Infinity);
  rmSync(copy, { recursive: true });
  return ops.map((op) => (op.op === 'call' ? op.call.callId : op.op));
}

test('a crash brings nothing back over a call that was changed, and loses nothing of the others', async () => {
  whileStored = () => {
    whileStored = () => undefined;
    write('other');
  };
  write('changed');
  intake.resume();
  await intake.flush(5_000);
  // Stored already, and still in the file, which the other call keeps.
  expect(leftBehind()).toEqual(['changed', 'other']);
  await intake.changeCall('changed', () => {
    expect(leftBehind()).toEqual(['other']);
    return Promise.resolve();
  });
});

test('a call of which something is still to be stored is not changed', async () => {
  write('waits');
  await expect(intake.changeCall('waits', () => Promise.resolve())).rejects.toMatchObject({ code: 'conflict' });
  intake.resume();
  await intake.flush(5_000);
  const late = intake.changeCall('waits', (assertUnchanged) => {
    assertUnchanged();
    write('waits');
    assertUnchanged();
    return Promise.resolve();
  });
  await expect(late).rejects.toMatchObject({ code: 'conflict' });
});
