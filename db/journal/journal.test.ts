import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoreOp } from '#analytics/types.ts';
import { sampleCall, sampleFinding, sampleUtterance } from '../test/samples.ts';
import { Journal } from './journal.ts';
import { decodeRecord, encodeRecord, scanRecords, voidRecord } from './record.ts';

const limitBytes = 64 << 20;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sidetone-journal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const utterance = (text: string, utteranceId: string, revision = 1): StoreOp => ({
  op: 'utterance',
  utterance: sampleUtterance('c1', text, { utteranceId, revision }),
});
const all = (journal: Journal): readonly StoreOp[] => journal.peek(Number.MAX_SAFE_INTEGER, Infinity).ops;
const onDisk = (): string =>
  readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .join('');
const onlyFile = (): string => {
  const [name, ...more] = readdirSync(dir).filter(
    (each) => each.endsWith('.segment') && readFileSync(join(dir, each)).length > 0,
  );
  expect(more).toEqual([]);
  return join(dir, name ?? '');
};

describe('records', () => {
  test('whatever damage a file takes, reading it neither throws nor makes anything up', () => {
    const texts = ['{"a":1}', '"äöü €"', '[]'];
    const whole = Buffer.concat([...texts.map(encodeRecord), voidRecord(40)]);
    expect(scanRecords(whole)).toMatchObject({ damaged: 0, records: texts.map((json) => ({ json })) });
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(whole.length),
        (place, change, length) => {
          const damagedFile = Buffer.from(whole.subarray(0, length));
          if (place < length) damagedFile[place] = (damagedFile[place] ?? 0) ^ change;
          const { records } = scanRecords(damagedFile);
          expect(texts).toEqual(expect.arrayContaining(records.map((record) => record.json)));
        },
      ),
    );
  });

  test('a record of wrong checksum is skipped, those behind it are read', () => {
    const file = Buffer.concat(['"one"', '"two"', '"three"'].map(encodeRecord));
    file[13 + 1] = 0x7a;
    expect(scanRecords(file)).toMatchObject({ damaged: 1, records: [{ json: '"two"' }, { json: '"three"' }] });
    expect(decodeRecord(file)).toBeUndefined();
  });
});

describe('journal', () => {
  test('gives back in order what an earlier process wrote, and nothing once it is settled', () => {
    const ops = [{ op: 'call', call: sampleCall('c1') } as const, utterance('one', 'u1'), utterance('two', 'u2')];
    const first = new Journal(dir, limitBytes);
    for (const op of ops) expect(first.append(op)).toBe(true);
    // No close: the process was killed.
    const second = new Journal(dir, limitBytes);
    expect(all(second)).toEqual(ops);
    second.settle(second.peek(2, Infinity).entries);
    expect(all(second)).toEqual(ops.slice(2));
    second.append(utterance('three', 'u3'));
    second.settle(second.peek(9, Infinity).entries);
    expect(second.pendingOps).toBe(0);
    expect(onDisk()).toBe('');
    expect(new Journal(dir, limitBytes).pendingOps).toBe(0);
  });

  test('a torn tail is counted and given up; what comes next is not written behind it', () => {
    const first = new Journal(dir, limitBytes);
    first.append(utterance('one', 'u1'));
    first.append(utterance('two', 'u2'));
    const path = onlyFile();
    truncateSync(path, readFileSync(path).length - 5);
    const second = new Journal(dir, limitBytes);
    expect(second.damagedRecords).toBe(1);
    second.append(utterance('three', 'u3'));
    const third = new Journal(dir, limitBytes);
    expect(all(third).map((op) => op.op === 'utterance' && op.utterance.text)).toEqual(['one', 'three']);
  });

  test('a file of rubbish, and an op of no known kind, hold up nothing', () => {
    writeFileSync(join(dir, '00000001.segment'), 'rubbish');
    writeFileSync(join(dir, 'notes.txt'), 'not ours');
    const journal = new Journal(dir, limitBytes);
    journal.append(utterance('one', 'u1'));
    for (const json of ['[1]', '{"op":"later-version"}', '{"op":"call"}'])
      appendFileSync(onlyFile(), encodeRecord(json));
    const next = new Journal(dir, limitBytes);
    expect(all(next)).toHaveLength(1);
    expect(next.damagedRecords).toBe(3);
  });

  test('rewriting wipes the old text from the files, also of records that are stored already', () => {
    const journal = new Journal(dir, limitBytes);
    journal.append(utterance('stored secret', 'u1'));
    journal.settle(journal.peek(1, Infinity).entries);
    journal.append(utterance('stored secret', 'u1'));
    journal.append(utterance('pending secret', 'u2'));
    journal.append({ op: 'finding', finding: sampleFinding('c1', { findingId: 'f1', evidence: 'proven secret' }) });
    journal.settle(journal.peek(1, Infinity).entries);
    for (const id of ['u1', 'u2'])
      journal.append({
        op: 'rewrite-utterance',
        utterance: sampleUtterance('c1', '[CARD]', { utteranceId: id, revision: 2 }),
      });
    journal.append({ op: 'finding', finding: sampleFinding('c1', { findingId: 'f1', evidence: '[CARD]' }) });
    expect(onDisk()).not.toContain('secret');
    expect(all(journal).map((op) => op.op)).toEqual(['rewrite-utterance', 'rewrite-utterance', 'finding']);
    expect(all(new Journal(dir, limitBytes))).toEqual(all(journal));
  });

  test('at the limit there is still room for the row of a call and for what takes text away', () => {
    const journal = new Journal(dir, 20_000);
    let taken = 0;
    while (journal.append(utterance('x'.repeat(100), `u${taken}`))) taken += 1;
    expect(journal.append({ op: 'call', call: sampleCall('c2') })).toBe(true);
    const masked = sampleUtterance('c1', '[CARD]', { utteranceId: 'stored-before', revision: 2 });
    expect(journal.append({ op: 'rewrite-utterance', utterance: masked })).toBe(true);
    expect(journal.pendingBytes).toBeLessThanOrEqual(20_000);
    while (journal.append({ op: 'call', call: sampleCall('c3') }));
    expect(journal.pendingBytes).toBeLessThanOrEqual(20_000);
  });

  test('a record that rots before its turn comes is counted and holds up nothing', () => {
    const journal = new Journal(dir, limitBytes);
    journal.append(utterance('one', 'u1'));
    journal.append(utterance('two', 'u2'));
    const bytes = readFileSync(onlyFile());
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(onlyFile(), bytes);
    expect(all(journal)).toHaveLength(1);
    expect(journal.damagedRecords).toBe(1);
    expect(journal.pendingOps).toBe(1);
  });

  test('the limit is of what is pending; a deleted call makes room', () => {
    const journal = new Journal(dir, 4_000);
    let taken = 0;
    while (journal.append(utterance('x'.repeat(100), `u${taken}`))) taken += 1;
    expect(taken).toBeGreaterThan(2);
    expect(journal.pendingBytes).toBeLessThanOrEqual(4_000);
    expect(journal.forgetCall('c1')).toBe(taken);
    expect(journal.pendingBytes).toBe(0);
    expect(onDisk()).toBe('');
    expect(journal.append(utterance('x', 'u'))).toBe(true);
    journal.close();
    expect(journal.append(utterance('x', 'v'))).toBe(false);
  });

  test('goes on in a new file after 4 MiB, and lets each go when it is done', () => {
    const journal = new Journal(dir, limitBytes);
    const long = 'y'.repeat(300_000);
    for (let index = 0; index < 20; index += 1) journal.append(utterance(long, `u${index}`));
    expect(readdirSync(dir).length).toBeGreaterThan(1);
    while (journal.pendingOps > 0) journal.settle(journal.peek(3, Infinity).entries);
    expect(readdirSync(dir)).toHaveLength(1);
  });

  test('what is stored of a call can be wiped from the file, which other writes keep', () => {
    const journal = new Journal(dir, limitBytes);
    journal.append({ op: 'call', call: sampleCall('c1') });
    journal.append({ op: 'call', call: sampleCall('c2') });
    expect(journal.awaits('c1')).toBe(true);
    journal.settle(journal.peek(1, Infinity).entries);
    expect(journal.awaits('c1')).toBe(false);
    expect(all(new Journal(dir, limitBytes))).toHaveLength(2);
    journal.wipeStored('c1');
    journal.wipeStored('c2');
    expect(all(new Journal(dir, limitBytes))).toEqual([{ op: 'call', call: sampleCall('c2') }]);
  });
});
