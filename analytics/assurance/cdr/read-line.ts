import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import type { CdrExclusion, CdrRecord } from '#analytics/types.ts';
import type { CdrFileConfig } from '#lib/config/schema.ts';
import { maskIdentity } from '../../redaction/mask-text.ts';
import { layoutOf, resolvePlaces, type CdrField } from './layouts.ts';
import { nameOf } from './numbers.ts';
import { parseCdrTime } from './wall-time.ts';

/** What a line of a CDR file turned out to be. `problem` says nothing of what the line says. */
export type CdrLine =
  | { readonly kind: 'record'; readonly record: CdrRecord }
  | { readonly kind: 'header' | 'blank' }
  | { readonly kind: 'bad'; readonly problem: CdrProblem };
export type CdrProblem = 'not-csv' | 'too-few-columns' | 'no-start-column' | 'no-start-time' | 'nobody-named';

const longestId = 300;

/** Reads the lines of one file, one after the other; the header, where the layout has one, first or as it was read before. */
export class CdrLineReader {
  readonly #config: CdrFileConfig;
  readonly #layout: ReturnType<typeof layoutOf>;
  readonly #exclude: readonly RegExp[];
  readonly #answered: ReadonlySet<string>;
  #header: string | null;
  #places: ReturnType<typeof resolvePlaces> | undefined;

  constructor(config: CdrFileConfig, header: string | null) {
    this.#config = config;
    this.#layout = layoutOf(config);
    this.#exclude = config.exclude.map((source) => new RegExp(source));
    this.#answered = new Set(config.answeredWords.map((word) => word.toLowerCase()));
    this.#header = header;
    if (!this.#layout.hasHeader) this.#places = resolvePlaces(this.#layout.places, []);
    else if (header !== null) this.#places = resolvePlaces(this.#layout.places, this.#columns(header) ?? []);
  }

  get header(): string | null {
    return this.#header;
  }

  read(line: string): CdrLine {
    const text = line.replace(/^\uFEFF/, '').trim();
    if (text === '') return { kind: 'blank' };
    const columns = this.#columns(text);
    if (columns === undefined) return { kind: 'bad', problem: 'not-csv' };
    if (this.#places === undefined) {
      this.#header = text;
      this.#places = resolvePlaces(this.#layout.places, columns);
      return { kind: 'header' };
    }
    // Cisco's second line gives the types of columns: INTEGER, INTEGER ... where a record has a number.
    if (this.#layout.hasHeader && /^INTEGER$/i.test(columns[0] ?? '')) return { kind: 'header' };
    if (columns.length < this.#layout.leastColumns) return { kind: 'bad', problem: 'too-few-columns' };
    return this.#record(text, columns, this.#places);
  }

  #record(text: string, columns: readonly string[], places: (field: CdrField) => readonly number[]): CdrLine {
    if (places('start').length === 0) return { kind: 'bad', problem: 'no-start-column' };
    const all = (field: CdrField): readonly string[] =>
      places(field)
        .map((index) => columns[index]?.trim() ?? '')
        .filter((value) => value !== '');
    const first = (field: CdrField): string => all(field)[0] ?? '';
    const time = (field: CdrField): number | null => parseCdrTime(first(field), this.#config.timeZone) ?? null;

    const startedMs = time('start');
    if (startedMs === null) return { kind: 'bad', problem: 'no-start-time' };
    const [caller, callee] = [first('caller'), first('callee')];
    const sipCallIds = [...new Set(all('sipCallId'))].map((id) => id.slice(0, longestId));
    if (nameOf(caller) === null && nameOf(callee) === null && sipCallIds.length === 0)
      return { kind: 'bad', problem: 'nobody-named' };
    const answeredMs = time('answer');
    const endedMs = time('end');
    const talkedS = Number(first('talkedS') || Number.NaN);
    const record: CdrRecord = {
      recordId: recordIdOf(this.#config.sourceName, text),
      sourceName: this.#config.sourceName,
      uniqueId: first('uniqueId').slice(0, longestId) || null,
      groupId: first('groupId').slice(0, longestId) || null,
      startedAt: iso(startedMs),
      answeredAt: answeredMs === null ? null : iso(answeredMs),
      endedAt: endedMs === null ? null : iso(endedMs),
      talkedMs: Math.round(talkedS >= 0 ? talkedS * 1000 : Math.max(0, (endedMs ?? 0) - (answeredMs ?? endedMs ?? 0))),
      caller: masked(caller),
      callee: masked(callee),
      aliases: all('aliases').flatMap((alias) => masked(channelName(alias)) ?? []),
      sipCallIds,
      excluded: this.#exclusion(places, first('outcome'), answeredMs, talkedS, [caller, callee]),
    };
    return { kind: 'record', record };
  }

  #exclusion(
    places: (field: CdrField) => readonly number[],
    outcome: string,
    answeredMs: number | null,
    talkedS: number,
    names: readonly string[],
  ): CdrExclusion | null {
    const answered =
      (places('outcome').length === 0 || this.#answered.has(outcome.toLowerCase())) &&
      (places('answer').length > 0 ? answeredMs !== null : places('talkedS').length === 0 || talkedS > 0);
    if (!answered) return 'not-answered';
    return this.#exclude.some((pattern) => names.some((name) => pattern.test(name))) ? 'number-excluded' : null;
  }

  #columns(text: string): readonly string[] | undefined {
    try {
      const rows = parse(text, { delimiter: this.#config.delimiter, relax_column_count: true });
      return rows.length === 1 ? rows[0] : undefined;
    } catch {
      return undefined;
    }
  }
}

/** By content: PBXes write one unique id into several records, or none. */
function recordIdOf(sourceName: string, text: string): string {
  return createHash('sha256').update(`${sourceName}\0${text}`).digest('hex').slice(0, 32);
}

/** `PJSIP/204-0000001a` and `Local/204@from-queue-0000001a;2` are Asterisk's channels of 204. */
function channelName(text: string): string {
  return /^[A-Za-z]\w*\/([^@/]+?)(?:@.*)?-[0-9a-f]{8}(?:;\d)?$/.exec(text)?.[1] ?? text;
}

function masked(name: string): string | null {
  return nameOf(name) === null ? null : maskIdentity(name.slice(0, longestId));
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
