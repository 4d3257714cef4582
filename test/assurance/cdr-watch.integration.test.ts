import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startCdrWatch } from '#analytics/assurance/cdr/watch.ts';
import type { Call } from '#analytics/types.ts';
import { makeStorage, type Storage } from '#db/test/storage.ts';
import { endedCall } from '#db/test/samples.ts';
import type { Database } from '#db/types.ts';
import { configSchema } from '#lib/config/schema.ts';
import { createLogger } from '#lib/log.ts';
import { createMetrics, type Metrics } from '#lib/metrics.ts';

/** CDR files, followed and held against the calls of a real database (PGlite), by a clock of the test's. */

const dir = mkdtempSync(join(tmpdir(), 'st-cdr-'));
let storage: Storage;
let db: Database;
beforeAll(async () => {
  storage = makeStorage();
  db = await storage.open();
  await db.whenReady();
});
afterAll(async () => {
  await db.close();
  storage.remove();
  rmSync(dir, { recursive: true });
});

const began = Date.parse('2026-11-25T10:00:00Z');
let nowEpochMs = began;
let logged: Record<string, unknown>[] = [];
let metrics: Metrics;
let watch: { close(): Promise<void> } | undefined;

function follow(file: object): void {
  logged = [];
  metrics = createMetrics();
  watch = startCdrWatch({
    config: configSchema.parse({ assurance: { cdr: [file] } }),
    store: db.cdrs,
    logger: createLogger('info', 'test', { write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>) }),
    metrics,
    clock: { nowEpochMs: () => nowEpochMs, nowMs: () => nowEpochMs },
    pollMs: 20,
  });
}
afterEach(async () => {
  await watch?.close();
});

const clockTime = (s: number): string => new Date(began + s * 1000).toISOString().slice(0, 19).replace('T', ' ');
function asteriskLine(caller: string, startS: number, disposition = 'ANSWERED'): string {
  const [start, answer, end] = [startS, startS + 2, startS + 62].map(clockTime);
  return `"","${caller}","204","d","","PJSIP/a-00000001","PJSIP/b-00000002","Dial","x","${start}","${answer}","${end}",62,60,"${disposition}","DOC","${startS}.1",""\n`;
}
async function storeCall(callId: string, caller: string, startS: number, change: Partial<Call> = {}): Promise<void> {
  const startedAt = new Date(began + startS * 1000).toISOString();
  const [one, other] = endedCall(callId).parties;
  if (one === undefined || other === undefined) throw new Error('no parties');
  const parties = [
    { ...one, uri: `sip:${caller}@sbc` },
    { ...other, uri: 'sip:204@pbx' },
  ];
  db.store.write({ op: 'call', call: endedCall(callId, { startedAt, parties, ...change }) });
  await db.flush();
}
const counts = (): ReturnType<Database['cdrs']['counts']> => db.cdrs.counts();
const messages = (): readonly unknown[] => logged.map(({ msg }) => msg);

test('a file is followed through restarts, rotation and bad lines; what has no call is told of until it has', async () => {
  const path = join(dir, 'Master.csv');
  writeFileSync(path, asteriskLine('0301110000', -7200));
  nowEpochMs = began;
  follow({ path, layout: 'asterisk', sourceName: 'pbx' });
  await expect.poll(messages).toContain('CDRs of earlier calls are passed over');
  expect(await counts()).toEqual({ waiting: 0, matched: 0, unmatched: 0, excluded: 0 });

  await storeCall('first', '0301110001', 11);
  appendFileSync(path, asteriskLine('0301110001', 10));
  appendFileSync(path, 'not a record\n');
  appendFileSync(path, asteriskLine('0301110002', 20, 'BUSY'));
  appendFileSync(path, asteriskLine('0301110003', 30));
  await expect.poll(counts).toEqual({ waiting: 1, matched: 1, unmatched: 0, excluded: 1 });
  expect(logged).toContainEqual(expect.objectContaining({ line: 3, problem: 'too-few-columns', path }));
  await watch?.close();

  appendFileSync(path, asteriskLine('0301110004', 40));
  renameSync(path, `${path}.1`);
  writeFileSync(path, asteriskLine('0301110005', 50));
  follow({ path, layout: 'asterisk', sourceName: 'pbx' });
  await expect.poll(counts).toEqual({ waiting: 3, matched: 1, unmatched: 0, excluded: 1 });

  nowEpochMs = began + 450_000;
  await expect.poll(async () => (await counts()).unmatched).toBe(3);
  expect(messages().filter((each) => each === 'a call of the PBX has not arrived here')).toHaveLength(3);
  expect(JSON.stringify(logged)).not.toContain('030111');
  await expect.poll(() => metrics.render()).toContain('sidetone_assurance_cdrs{state="unmatched"} 3');
  expect(await metrics.render()).toContain('sidetone_assurance_cdr_unmatched_total 3');

  await storeCall('handed-in', '+49301110004', 41, { source: 'ingest' });
  nowEpochMs = began + 3_600_000;
  await expect.poll(async () => (await counts()).matched).toBe(2);
  expect(messages()).toContain('a missing call of the PBX has arrived');
  await expect.poll(() => metrics.render()).toContain('sidetone_assurance_cdrs{state="unmatched"} 2');
});

test('files that come one by one into a folder belong to what has been looked at before', async () => {
  const folder = mkdtempSync(join(dir, 'cucm-'));
  const names =
    'cdrRecordType,dateTimeOrigination,dateTimeConnect,dateTimeDisconnect,callingPartyNumber,finalCalledPartyNumber,duration,pkid\n';
  const types = 'INTEGER,INTEGER,INTEGER,INTEGER,VARCHAR(50),VARCHAR(50),INTEGER,UNIQUEIDENTIFIER\n';
  const file = (name: string, startS: number): void => {
    const s = Math.floor(began / 1000) + startS;
    writeFileSync(join(folder, name), `${names}${types}1,${s},${s + 3},${s + 63},"2001","2002",60,"${name}"`);
    writeFileSync(join(folder, name.replace('cdr_', 'cmr_')), 'other,columns\n1,2\n');
  };
  const matchedBefore = (await counts()).matched;
  nowEpochMs = began + 4_000_000;
  file('cdr_c_01_1', 3990);
  follow({ path: join(folder, 'cdr_*'), layout: 'cisco', sourceName: 'cucm', since: '2026-11-25T11:00:00Z' });
  await storeCall('cucm', '2001', 3991, { sipCallIds: ['cucm@x'] });
  const due = async (): Promise<number> => (await db.cdrs.due(['cucm'], '2027-01-01T00:00:00Z', 10)).length;
  // Its only line has no line feed: it counts when the file has been left alone for a minute.
  nowEpochMs = Math.max(Date.now(), began + 4_000_000) + 61_000;
  await expect.poll(due).toBe(1);
  expect((await counts()).matched).toBe(matchedBefore);
  file('cdr_c_01_2', 4100);
  await expect.poll(due).toBe(2);
  expect(logged.filter(({ problem }) => problem !== undefined)).toEqual([]);
});
