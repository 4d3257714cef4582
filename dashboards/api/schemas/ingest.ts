import { z } from 'zod';
import { ingestStates } from '#media/types.ts';
import { callId, isoTime } from './common.ts';

export const contentSha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal');

/** What became of a file, or of a pair of files, by its content. */
export const ingestItem = z
  .object({
    sha256: contentSha256.meta({ description: 'Of the file; of a pair, of both hashes' }),
    names: z.array(z.string()),
    bytes: z.int(),
    sourceName: z.string(),
    callIds: z.array(callId),
    state: z.enum(ingestStates),
    takenAt: isoTime,
    durationMs: z.number().meta({ description: 'Of sound, all of it' }),
    doneMs: z.number().meta({ description: 'Of sound, what has become part of the call' }),
    hoursPerHour: z.number().nullable().meta({ description: 'Hours of sound in an hour; null before it began' }),
    fault: z.string().nullable().meta({ description: 'Why it failed' }),
  })
  .meta({ id: 'IngestItem' });

/** The answer to an upload. `isNew`: false for content that was taken before; its calls stand. */
export const ingestAnswer = z.object({ items: z.array(ingestItem.extend({ isNew: z.boolean() })) });

const flag = z.enum(['true', 'false']).optional();
/** The parts of an upload, for the description of the API. */
export const ingestForm = z.object({
  file: z.array(z.string().meta({ format: 'binary' })),
  pair: flag.meta({ description: 'Two files of one channel are one call: the caller, then the called party' }),
  swap: flag.meta({ description: 'The caller is in the right channel, or in the second file of a pair' }),
  startedAt: isoTime.optional().meta({ description: 'When the recorded call began; default: now. Captures know' }),
  phrases: z.string().optional().meta({ description: 'Names and terms that are likelier in the calls, one a line' }),
  source: z.string().optional().meta({ description: 'Becomes `sourceName`; default: the name of who hands it in' }),
});
