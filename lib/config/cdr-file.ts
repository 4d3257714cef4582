import { z } from 'zod';
import { isTimeZone, regexSource, seconds } from './values.ts';

/** What a column of a CDR file says: by its name in the header, letter case ignored, or by its place, 0 the first. */
const cdrColumn = z.union([z.string().min(1), z.int().min(0)]);

/** Call detail records of a PBX: docs/assurance.md. */
export const cdrFile = z
  .strictObject({
    /** A file, a folder, or a pattern with `*`, all of whose files are read. */
    path: z.string().min(1),
    layout: z.enum(['asterisk', 'freeswitch', 'cisco', 'columns']),
    /** Whose records these are. */
    sourceName: z.string().min(1),
    /** Of times that name none. */
    timeZone: z.string().refine(isTimeZone, 'not a time zone, such as Europe/Berlin').default('UTC'),
    /** All of them for the layout `columns`; of the others, those that differ. */
    columns: z
      .strictObject({
        uniqueId: cdrColumn,
        /** Shared by the records of one call that has several. */
        groupId: cdrColumn,
        start: cdrColumn,
        answer: cdrColumn,
        end: cdrColumn,
        /** Seconds from answer to end. */
        talkedS: cdrColumn,
        /** Compared with `answeredWords`. */
        outcome: cdrColumn,
        caller: cdrColumn,
        callee: cdrColumn,
        sipCallId: cdrColumn,
      })
      .partial()
      .default({}),
    delimiter: z.string().length(1).default(','),
    /** What `outcome` says of an answered call, letter case ignored. */
    answeredWords: z.array(z.string().min(1)).default(['ANSWERED']),
    /** Over caller and callee: such records demand no call. */
    exclude: z.array(regexSource).default([]),
    /** Records of earlier calls are passed over; unset: those before the file was first looked at. */
    since: z.iso.datetime({ offset: true }).optional(),
    /** Between the start (or answer) in the record and the start of our call. */
    matchWithinS: seconds.default(30),
    /** A record that has no call so long after its own end is told of. */
    graceS: seconds.default(300),
  })
  .refine(
    ({ layout, columns }) =>
      (layout !== 'asterisk' && layout !== 'freeswitch') ||
      Object.values(columns).every((column) => typeof column !== 'string'),
    { path: ['columns'], message: 'such a file has no header: say the place of a column, 0 the first' },
  )
  .refine(({ layout, columns }) => layout !== 'columns' || columns.start !== undefined, {
    path: ['columns'],
    message: 'needs at least start',
  })
  .refine(
    ({ layout, columns: { caller, callee, sipCallId } }) =>
      layout !== 'columns' || [caller, callee, sipCallId].some((column) => column !== undefined),
    { path: ['columns'], message: 'needs something to know calls by: caller, callee or sipCallId' },
  )
  .refine(
    ({ layout, columns: { answer, talkedS, outcome } }) =>
      layout !== 'columns' || [answer, talkedS, outcome].some((column) => column !== undefined),
    { path: ['columns'], message: 'needs something to know answered calls by: answer, talkedS or outcome' },
  );
