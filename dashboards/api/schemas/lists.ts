import { z } from 'zod';
import { exportGone, roles, sentimentBands, userRoles, type ApiKey, type CallFilter, type User } from '#db/types.ts';
import type { CallAnswer, CallItem, SearchItem } from '../answers.ts';
import { actor } from './audit.ts';
import {
  bySide,
  call,
  callMetrics,
  callSource,
  completeness,
  finding,
  partySide,
  recording,
  redaction,
  severity,
  utterance,
} from './call.ts';
import { after, callId, filter, isoTime, limit, one } from './common.ts';

export const callQuery = z.object({
  from: filter(isoTime).meta({ description: 'Started at or after' }),
  to: filter(isoTime).meta({ description: 'Started before' }),
  party: filter(z.string().max(200)).meta({ description: "Part of a party's URI or name" }),
  side: filter(partySide),
  rule: filter(z.string().max(200)),
  minSeverity: filter(severity),
  sentiment: filter(z.enum(sentimentBands)).meta({ description: 'Mean of a side, <= -0.5, between, >= +0.5' }),
  state: filter(z.enum(['ringing', 'active', 'ended'])),
  source: filter(callSource).meta({ description: 'How it came in' }),
  sourceName: filter(z.string().max(200)).meta({ description: 'Whose call it is, whole: a trunk, a client, a sender' }),
  completeness: filter(completeness),
  sipCallId: filter(z.string().max(400)).meta({ description: "One of the call's SIP Call-IDs, whole" }),
  text: filter(z.string().max(400)).meta({ description: 'websearch syntax; some utterance matches' }),
  limit: one(limit),
  after: filter(after),
}) satisfies z.ZodType<CallFilter>;

export const callListItem = call
  .extend({
    findingsCount: z.int(),
    worstSeverity: severity.nullable(),
    sentiment: bySide(z.number().nullable()).nullable(),
    utterancesCount: z.int(),
    hasRecording: z.boolean(),
  })
  .meta({
    id: 'CallListItem',
    description: 'A call, and what its list shows of the rest',
  }) satisfies z.ZodType<CallItem>;

export const callDetail = call
  .extend({
    live: z.boolean().meta({ description: 'Still running: what is here is the state so far' }),
    metrics: callMetrics.nullable(),
    findings: z.array(finding),
    redactions: z.array(redaction),
    recording: recording.nullable(),
    flags: z.array(z.enum(['unredacted', 'excluded', 'partial', 'no-recording', 'late-redaction'])).meta({
      description: 'What a listener must know before trusting it; docs explain each',
    }),
  })
  .meta({ id: 'CallDetail', description: 'A call, with all of it but its transcript' }) satisfies z.ZodType<CallAnswer>;

export const pausing = z.object({ callId, paused: z.boolean() }).meta({ id: 'Pausing' });
export const forked = z.object({ callId }).meta({ id: 'Forked' });

export const searchQuery = z.object({
  q: one(z.string().trim().min(1).max(400)).meta({ description: 'words, "phrases", or, -not' }),
  side: filter(partySide),
  speaker: filter(z.string().max(200)).meta({ description: 'Who speaks, whole, letter case ignored' }),
  from: filter(isoTime).meta({ description: 'Said at or after' }),
  to: filter(isoTime).meta({ description: 'Said before' }),
  call: filter(callId),
  order: filter(z.enum(['time', 'relevance'])),
  limit: one(limit),
  after: filter(after),
});

export const searchHit = utterance
  .extend({
    saidAt: isoTime,
    callStartedAt: isoTime,
    parties: call.shape.parties,
    highlights: z
      .array(z.object({ startChar: z.int(), endChar: z.int() }))
      .meta({ description: 'UTF-16 ranges of `text`, end excluded' }),
  })
  .meta({
    id: 'SearchHit',
    description: 'An utterance, and where in it the words are',
  }) satisfies z.ZodType<SearchItem>;

export const role = z.enum(roles).meta({
  id: 'Role',
  description:
    'An admin may do all; a reader reads and watches; a sender brings calls and pauses them, and reads nothing',
});
export const userRole = z.enum(userRoles).meta({ id: 'UserRole', description: '`sender` is for keys alone' });

export const user = z
  .object({
    userId: z.string(),
    name: z.string(),
    role: userRole,
    disabled: z.boolean(),
    createdAt: isoTime,
    lastLoginAt: isoTime.nullable(),
  })
  .meta({ id: 'User' }) satisfies z.ZodType<User>;

export const apiKey = z
  .object({
    keyId: z.string(),
    name: z.string(),
    role,
    prefix: z.string(),
    firstStart: z.boolean(),
    createdAt: isoTime,
    lastUsedAt: isoTime.nullable(),
    revokedAt: isoTime.nullable(),
  })
  .meta({ id: 'ApiKey' }) satisfies z.ZodType<ApiKey>;

export const exportRecord = z
  .object({
    exportId: z.string(),
    madeBy: actor,
    madeAt: isoTime,
    scope: z.json(),
    calls: z.int(),
    files: z.int(),
    bytes: z.int(),
    manifestSha256: z.string(),
    goneBecause: z.enum(exportGone).nullable().meta({
      description: 'Why its files are gone: a call in it was erased, or redacted further, after it was made',
    }),
    correctedAt: isoTime.nullable().meta({
      description:
        'When sides or roles of a call in it were last put right after it was made: the export says who was who before. ' +
        'Export anew for what is right; null while nothing was put right',
    }),
  })
  .meta({ id: 'Export' });

export const exportDetail = exportRecord
  .extend({
    available: z.boolean().meta({ description: 'False: its files are gone, or not on this server' }),
    items: z.array(z.object({ path: z.string(), bytes: z.int().nullable(), sha256: z.string() })),
  })
  .meta({ id: 'ExportDetail' });
