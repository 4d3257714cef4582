import { z } from 'zod';
import { bySide, callSource } from './call.ts';
import { callId, isoTime } from './common.ts';

const leg = z
  .object({
    packets: z.number(),
    lostFraction: z.number().nullable().meta({ description: 'Of the packets that were sent; null without any' }),
    jitterMeanMs: z.number(),
    jitterMaxMs: z.number(),
    mos: z.number().nullable().meta({ description: '1 to 4.5 (ITU-T G.107); null without RTP' }),
  })
  .meta({ id: 'LegQuality' });
export type LegQuality = z.output<typeof leg>;

const ladderMessage = z
  .object({
    at: isoTime,
    direction: z.enum(['received', 'sent']),
    peer: z.string(),
    transport: z.enum(['udp', 'tcp', 'tls']),
    summary: z.string(),
    text: z.string().meta({ description: 'Numbers, names and bodies are masked' }),
  })
  .meta({ id: 'LadderMessage' });

const source = z
  .object({
    source: callSource,
    sourceName: z.string(),
    firstSeenAt: isoTime,
    lastSeenAt: isoTime,
    addresses: z.array(z.string()).meta({ description: 'The latest, IP and port, newest first' }),
    callsNow: z.int(),
    calls: z.int().meta({ description: 'Since `since`' }),
    refused: z.array(
      z.object({
        reason: z.string(),
        remedy: z.string().meta({ description: 'What to change on the sender, or here' }),
        count: z.int(),
        lastAt: isoTime,
      }),
    ),
    remarks: z
      .array(
        z.object({
          reason: z.string(),
          remedy: z.string().meta({ description: 'What to change on the sender, or here' }),
          count: z.int().meta({ description: 'Calls, or streams of them' }),
          lastAt: isoTime,
          lastCallId: callId,
        }),
      )
      .meta({
        description:
          'Calls that were taken although something was amiss: `metadata-missing`, `metadata-unreadable`, ' +
          '`stream-not-taken` ... Each has the word as a note in its history, too',
      }),
    ladder: z.array(ladderMessage).meta({ description: 'The last SIP dialog that was a call or was to be one' }),
    lastCall: z
      .object({
        callId,
        startedAt: isoTime,
        live: z.boolean(),
        legs: bySide(leg).nullable().meta({ description: 'Null until the call is over' }),
      })
      .nullable(),
  })
  .meta({ id: 'Source', description: 'A trunk, recorder client, proxy or stream that has sent us something' });
export type SourceItem = z.output<typeof source>;

const offered = z
  .object({
    address: z.string().nullable().meta({ description: 'Null: chosen for each peer' }),
    chosenBy: z.enum(['advertise-address', 'bound-address', 'route-to-peer']).meta({
      description:
        'The configuration, the address that SIP is bound to, or the way on which the kernel reaches the peer',
    }),
  })
  .meta({ id: 'OfferedAddress', description: 'What is put into SDP and Contact for peers on other machines' });

export const sources = z
  .object({
    since: isoTime.meta({ description: 'The start of the server' }),
    offered,
    bindings: z.array(z.object({ transport: z.string(), address: z.string(), port: z.int() })).meta({
      description: 'Where SIP is open',
    }),
    items: z.array(source).meta({ description: 'By when they were last seen, newest first' }),
    next: z.null(),
  })
  .meta({ id: 'Sources' });
export type SourcesAnswer = z.output<typeof sources>;
