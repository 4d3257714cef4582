import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CdrRecord } from '#analytics/types.ts';
import { configSchema, type CdrFileConfig } from '#lib/config/schema.ts';
import { sameName, nameOf } from './numbers.ts';
import { CdrLineReader } from './read-line.ts';
import { parseCdrTime } from './wall-time.ts';

/** Lines as the published layouts have them; the values are ours. */

function fileConfig(change: object): CdrFileConfig {
  const parsed = configSchema.parse({ assurance: { cdr: [{ path: '/x', sourceName: 'pbx', ...change }] } });
  return parsed.assurance.cdr[0] as CdrFileConfig;
}
function recordsOf(change: object, ...lines: readonly string[]): readonly CdrRecord[] {
  const reader = new CdrLineReader(fileConfig(change), null);
  return lines.flatMap((line) => {
    const read = reader.read(line);
    return read.kind === 'record' ? [read.record] : [];
  });
}

describe('times', () => {
  test.each([
    ['2026-11-25 10:00:00', 'UTC', '2026-11-25T10:00:00.000Z'],
    ['2026-11-25 10:00:00', 'Europe/Berlin', '2026-11-25T09:00:00.000Z'],
    ['2026-07-25T10:00:00.25', 'Europe/Berlin', '2026-07-25T08:00:00.250Z'],
    ['2026-11-25T10:00:00-0530', 'Europe/Berlin', '2026-11-25T15:30:00.000Z'],
    ['1764064800', 'Europe/Berlin', '2025-11-25T10:00:00.000Z'],
    ['1764064800123', 'UTC', '2025-11-25T10:00:00.123Z'],
    // Clocks go back at 3:00: the first half past two. They go forward at 2:00: there is no half past two.
    ['2026-10-25 02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25 03:00:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
    ['2026-03-29 03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['2026-11-01 00:30:00', 'America/New_York', '2026-11-01T04:30:00.000Z'],
  ])('%s in %s', (text, zone, want) => {
    expect(new Date(parseCdrTime(text, zone) ?? Number.NaN).toISOString()).toBe(want);
  });
  test('there may be none, and what is none is told apart', () => {
    expect(['', '0', ' ', '0000-00-00 00:00:00'].map((text) => parseCdrTime(text, 'UTC'))).toEqual(
      Array.from({ length: 4 }, () => null),
    );
    expect(
      ['yesterday', '2026-02-31 10:00:00', '25/11/2026', '12', '0000-05-05 10:00:00'].map((text) =>
        parseCdrTime(text, 'UTC'),
      ),
    ).toEqual(Array.from({ length: 5 }, () => undefined));
  });
});

describe('numbers', () => {
  test.each([
    ['sip:+493012345678@10.0.0.1', '03012345678', true],
    ['sip:+493012345678@10.0.0.1:5060;transport=tcp', '0049 30 1234-5678', true],
    ['tel:+15551234567', '915551234567', true],
    ['204', 'sip:204@pbx', true],
    ['204', '1204', false],
    ['sip:1234567@x', '3012345678', false],
    ['sip:Ann@pbx', 'ann', true],
    ['5551234', '5551235', false],
  ])('%s and %s: %s', (one, other, same) => {
    expect(sameName(nameOf(one) ?? '', nameOf(other) ?? '')).toBe(same);
  });
  test('who withholds it is nobody', () => {
    expect(['sip:anonymous@anonymous.invalid', '', 's', '[DIGITS]', 'Unknown'].map(nameOf)).toEqual(
      Array.from({ length: 5 }, () => null),
    );
  });
});

describe('layouts', () => {
  const asterisk =
    '"","0301234567","600","from-trunk","""Ann, A."" <0301234567>","PJSIP/carrier-0000001a","PJSIP/204-0000001b",' +
    '"Queue","support,tT","2026-11-25 10:00:00","2026-11-25 10:00:07","2026-11-25 10:01:07",67,60,"ANSWERED",' +
    '"DOCUMENTATION","1764064800.26","note"';

  test('Asterisk', () => {
    const [record] = recordsOf({ layout: 'asterisk', timeZone: 'Europe/Berlin' }, asterisk);
    expect(record).toEqual({
      recordId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      sourceName: 'pbx',
      uniqueId: '1764064800.26',
      groupId: '1764064800.26',
      startedAt: '2026-11-25T09:00:00.000Z',
      answeredAt: '2026-11-25T09:00:07.000Z',
      endedAt: '2026-11-25T09:01:07.000Z',
      talkedMs: 60_000,
      caller: '0301234567',
      callee: '600',
      aliases: ['carrier', '204'],
      sipCallIds: [],
      excluded: null,
    });
    const linked = `${asterisk},"","1764064799.20",7`;
    const [grouped] = recordsOf({ layout: 'asterisk' }, linked);
    expect(grouped).toMatchObject({ uniqueId: '1764064800.26', groupId: '1764064799.20' });
    const busy = asterisk.replace('"ANSWERED"', '"NO ANSWER"').replace('"2026-11-25 10:00:07"', '');
    expect(recordsOf({ layout: 'asterisk' }, busy)[0]).toMatchObject({ excluded: 'not-answered', answeredAt: null });
  });

  test('FreeSWITCH, and a Call-ID that was added to its template', () => {
    const line =
      '"Ann","+15551234567","1000","public","2026-11-25 10:00:00","2026-11-25 10:00:02","2026-11-25 10:00:12","12","10",' +
      '"NORMAL_CLEARING","2f1b8a3e-0000-4000-8000-000000000001","2f1b8a3e-0000-4000-8000-000000000002","","PCMU","PCMU"';
    const unanswered = line.replace('"2026-11-25 10:00:02"', '""').replace('NORMAL_CLEARING', 'ORIGINATOR_CANCEL');
    const [record, cancelled] = recordsOf({ layout: 'freeswitch' }, line, unanswered);
    expect(record).toMatchObject({
      uniqueId: '2f1b8a3e-0000-4000-8000-000000000001',
      talkedMs: 10_000,
      caller: '+15551234567',
      callee: '1000',
      excluded: null,
    });
    expect(cancelled).toMatchObject({ excluded: 'not-answered' });
    const [withCallId] = recordsOf({ layout: 'freeswitch', columns: { sipCallId: 15 } }, `${line},"abc@10.0.0.1"`);
    expect(withCallId?.sipCallIds).toEqual(['abc@10.0.0.1']);
  });

  test('Cisco, by the names of its first line in any letter case', () => {
    const names =
      '"cdrRecordType","globalCallID_callId","dateTimeOrigination","callingPartyNumber","originalCalledPartyNumber",' +
      '"finalCalledPartyNumber","dateTimeConnect","dateTimeDisconnect","pkid","duration","IncomingProtocolCallRef",' +
      '"OutgoingProtocolCallRef"';
    const types =
      'INTEGER,INTEGER,INTEGER,VARCHAR(50),VARCHAR(50),VARCHAR(50),INTEGER,INTEGER,UNIQUEIDENTIFIER,INTEGER';
    const line = '1,4711,1764064800,"2001","8000","2002",1764064805,1764064865,"7e7b0000-1","60","","a-b-c@10.1.1.1"';
    const missed = '1,4712,1764064800,"2001","2003","2003",0,1764064810,"7e7b0000-2","0","",""';
    const [record, other] = recordsOf({ layout: 'cisco' }, names, `${types},VARCHAR(32),VARCHAR(32)`, line, missed);
    expect(record).toMatchObject({
      uniqueId: '7e7b0000-1',
      groupId: '4711',
      startedAt: '2025-11-25T10:00:00.000Z',
      answeredAt: '2025-11-25T10:00:05.000Z',
      talkedMs: 60_000,
      callee: '2002',
      aliases: ['8000'],
      sipCallIds: ['a-b-c@10.1.1.1'],
      excluded: null,
    });
    expect(other).toMatchObject({ excluded: 'not-answered' });
  });

  test('columns of our own, by name or by place, with another delimiter', () => {
    const own = {
      layout: 'columns',
      delimiter: ';',
      exclude: ['^\\*'],
      answeredWords: ['ok'],
      columns: { start: 'When', caller: 'From', callee: 3, outcome: 'Result' },
    };
    const lines = ['When;Result;From;To', '2026-11-25T10:00:00Z;OK;204;205', '2026-11-25T10:00:00Z;OK;204;*97'];
    expect(recordsOf(own, ...lines)).toMatchObject([
      { caller: '204', callee: '205', uniqueId: null, talkedMs: 0, excluded: null },
      { callee: '*97', excluded: 'number-excluded' },
    ]);
  });

  test('a number that is a card to the letter is not stored', () => {
    const [record] = recordsOf({ layout: 'asterisk' }, asterisk.replaceAll('0301234567', '4111111111111111'));
    expect(record?.caller).toBe('[DIGITS]');
  });

  test('lines that are no records say why, and what follows is read', () => {
    const reader = new CdrLineReader(fileConfig({ layout: 'asterisk' }), null);
    const nobody = asterisk.replaceAll('0301234567', '').replace('"600"', '"s"');
    const said = ['"open quote, "x"y', 'a,b', asterisk.replace('2026-11-25 10:00:00', 'soon'), nobody, '', asterisk];
    expect(
      said.map((line) => reader.read(line)).map((read) => (read.kind === 'bad' ? read.problem : read.kind)),
    ).toEqual(['not-csv', 'too-few-columns', 'no-start-time', 'nobody-named', 'blank', 'record']);
    const headless = new CdrLineReader(fileConfig({ layout: 'cisco' }), null);
    expect(['a,b,c', '1,2,3'].map((line) => headless.read(line))).toEqual([
      { kind: 'header' },
      { kind: 'bad', problem: 'no-start-column' },
    ]);
  });
});

test('whatever a file holds, each line is something and none throws', () => {
  const kinds = ['record', 'header', 'blank', 'bad'];
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', ',', '2026-11-25 10:00:00', '0', '1764064800'),
  );
  const line = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(','));
  for (const layout of ['asterisk', 'freeswitch', 'cisco']) {
    const reader = new CdrLineReader(
      fileConfig({ layout }),
      layout === 'cisco' ? 'dateTimeOrigination,callingPartyNumber' : null,
    );
    fc.assert(
      fc.property(line, (text) => {
        expect(kinds).toContain(reader.read(text).kind);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) },
    );
  }
});
