import type { CdrFilePosition, CdrRecord } from '#analytics/types.ts';
import type { CdrFileConfig } from '#lib/config/schema.ts';
import { CdrLineReader } from './read-line.ts';
import { readOn } from './tail.ts';

/** A part of a CDR file, read. */
export interface CdrBatch {
  readonly position: CdrFilePosition;
  /** Another file begins here: see tail.ts. */
  readonly anew: 'rotated' | 'lost' | null;
  readonly records: readonly CdrRecord[];
  /** Records of calls from before anybody looked (`since`), passed over. */
  readonly earlier: number;
  readonly badLines: readonly { readonly line: number; readonly problem: string }[];
}

/**
 * What is new in a file, part by part: each is to be stored, position and records together, before the next is asked for.
 * A bad line stops nothing. @throws what the file system says
 */
export async function* readCdrFile(
  config: CdrFileConfig,
  from: CdrFilePosition,
  options: { readonly sinceEpochMs: number; readonly still: boolean; readonly readAt: string },
): AsyncGenerator<CdrBatch> {
  let position = from;
  let reader = new CdrLineReader(config, from.header);
  for await (const chunk of readOn(from.path, from, options.still)) {
    if (chunk.anew !== null) reader = new CdrLineReader(config, null);
    const records: CdrRecord[] = [];
    const badLines: { line: number; problem: string }[] = [];
    let earlier = 0;
    const firstLine = chunk.position.lines - chunk.lines.length + 1;
    chunk.lines.forEach((text, index) => {
      const read = reader.read(text);
      if (read.kind === 'bad') badLines.push({ line: firstLine + index, problem: read.problem });
      else if (read.kind === 'record') {
        if (Date.parse(read.record.startedAt) < options.sinceEpochMs) earlier += 1;
        else records.push(read.record);
      }
    });
    const last = badLines.at(-1);
    position = {
      ...position,
      ...chunk.position,
      header: reader.header,
      badLines: position.badLines + badLines.length,
      lastBadLine: last?.line ?? position.lastBadLine,
      lastBadProblem: last?.problem ?? position.lastBadProblem,
      readAt: options.readAt,
    };
    yield { anew: chunk.anew, position, records, earlier, badLines };
  }
}
