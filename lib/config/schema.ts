import { z } from 'zod';
import { logLevels } from '../log.ts';
import { packagedModel } from '../models.ts';
import {
  address,
  cidr,
  hostPort,
  isPortRange,
  isRegex,
  isTimeZone,
  keyCode,
  language,
  port,
  publicUrl,
  recordPolicy,
  regexSource,
  seconds,
  target,
} from './values.ts';

const digestUser = z
  .strictObject({ name: z.string().min(1), password: z.string().optional(), ha1: z.string().optional() })
  .refine((user) => (user.password === undefined) !== (user.ha1 === undefined), 'needs either password or ha1');

const trunk = z.strictObject({
  name: z.string().min(1),
  /** Sources that belong to the trunk. */
  match: z.array(cidr).default([]),
  /** Digest user whose calls belong to the trunk. */
  digestUser: z.string().optional(),
  /** Its INVITEs are copies of calls for us to record, whatever their body: SIPREC, or plain SDP as Cisco's recorder trunk. */
  recorder: z.boolean().default(false),
  /** May assert identities (P-Asserted-Identity, Remote-Party-ID): RFC 3325. */
  trusted: z.boolean().default(false),
  /** Host of B-leg targets to which this trunk's credentials and trust apply. */
  host: z.string().optional(),
  /** They answer what the trunk's calls are asked; with a realm, in that one alone. */
  credentials: z
    .strictObject({ user: z.string(), password: z.string(), realm: z.string().min(1).optional() })
    .optional(),
});

const route = z
  .strictObject({
    match: regexSource.optional(),
    to: z.union([target, z.array(target).min(1)]),
    record: recordPolicy.optional(),
  })
  .refine(groupsAreThere, { path: ['to'], message: 'takes a group ($1 to $9) that its match has not' });

/** What a column of a CDR file says: by its name in the header, letter case ignored, or by its place, 0 the first. */
const cdrColumn = z.union([z.string().min(1), z.int().min(0)]);
const cdrFile = z
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

const headerRules = z.strictObject({
  add: z.record(z.string(), z.string()).default({}),
  remove: z.array(z.string()).default([]),
  rename: z.record(z.string(), z.string()).default({}),
});

/** The whole configuration; defaults are those of a server on loopback that asks no questions. */
export const configSchema = z.strictObject({
  dataDir: z.string().min(1).default('./data'),
  /** Put into Via, SDP and Contact for every peer that is not loopback. */
  advertiseAddress: address.optional(),
  /** PostgreSQL 15 to 18; unset: PGlite in the data directory. */
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'not a postgres:// URL')
    .optional(),
  /** host:port:secret of a drachtio-server; unset: the engine in this process. */
  drachtio: z
    .string()
    .regex(/^[^:]+:\d+:.+$/, 'not host:port:secret')
    .optional(),
  http: z
    .strictObject({
      host: address.default('127.0.0.1'),
      port: port.default(8080),
      /** A TLS-terminating proxy stands in front: cookies are Secure, X-Forwarded-For is believed from loopback. */
      tlsProxy: z.boolean().default(false),
      tls: z.strictObject({ certFile: z.string(), keyFile: z.string() }).optional(),
      /**
       * Where people open the pages, such as https://calls.example: written into links that are printed, and an origin
       * from which changes are taken. With it the one-time link works for whoever comes by that address, not only on
       * this machine.
       */
      publicUrl: publicUrl.optional(),
    })
    .prefault({}),
  sip: z
    .strictObject({
      host: address.default('127.0.0.1'),
      port: port.default(5060),
      transports: z
        .array(z.enum(['udp', 'tcp']))
        .min(1)
        .default(['udp', 'tcp']),
      allow: z.array(cidr).default([]),
      digest: z
        .strictObject({
          realm: z.string().min(1).default('sidetone'),
          /** Offered in this order (RFC 8760); devices that know MD5 alone may give up at any other. */
          algorithms: z
            .array(z.enum(['SHA-256', 'MD5']))
            .min(1)
            .default(['SHA-256', 'MD5']),
          users: z.array(digestUser).default([]),
        })
        .prefault({}),
      /** No provisional answer within: next target. */
      firstResponseTimeoutS: seconds.default(4),
      /** No final answer within: CANCEL, next target, 480 at last. */
      ringTimeoutS: seconds.default(120),
      maxDurationS: seconds.default(4 * 3600),
      /** No RTP on a leg that is not held. */
      rtpTimeoutS: seconds.default(60),
      drainTimeoutS: seconds.default(300),
      /** Session-Expires that we ask for (RFC 4028); at least 90. */
      sessionExpiresS: z.int().min(90).default(1800),
      /** 3xx: hand it to the caller, or try its contacts (only hosts named in routes or trunks). */
      redirects: z.enum(['pass', 'follow']).default('pass'),
      /** 6xx from a target ends the search unless this is set. */
      retryOn6xx: z.boolean().default(false),
      headers: headerRules.prefault({}),
      /** Name of a header of the INVITE that says `none`, `redacted-only` or `all` for the call. */
      recordHeader: z.string().optional(),
    })
    .prefault({}),
  rtp: z
    .strictObject({
      ports: z
        .string()
        .refine(isPortRange, 'not a range of at least one even/odd pair, such as 20000-29999')
        .default('20000-29999'),
      /** A pair rests this long after use. */
      quarantineS: z.number().min(0).default(15),
      workers: z.int().min(1).max(64).default(1),
    })
    .prefault({}),
  rtpengine: z
    .strictObject({
      /** host:port of the ng control port of an rtpengine; unset: none is used. */
      address: hostPort.optional(),
      /**
       * `subscribe`: it carries the talk path of a proxy, which tells us of which calls to take a copy.
       * `anchor`: it carries the talk path of our own calls as well.
       */
      mode: z.enum(['subscribe', 'anchor']).default('subscribe'),
      /** New calls of ours while it does not answer and `mode` is `anchor`: 503, or carried by us. */
      onLoss: z.enum(['refuse', 'anchor-here']).default('refuse'),
    })
    .prefault({}),
  trunks: z.array(trunk).default([]),
  routes: z.array(route).default([]),
  /** How calls are kept unless their route says otherwise. */
  record: recordPolicy.default('redacted-only'),
  /** Recording and transcription pause and go on within a call. */
  pause: z
    .strictObject({
      /** By keys that any side presses (RFC 4733, SIP INFO); unset: keys mean nothing. */
      dtmf: z
        .strictObject({ pause: keyCode.optional(), resume: keyCode.optional() })
        .refine(({ pause, resume }) => pause === undefined || pause !== resume, 'pause and resume are the same keys')
        .optional(),
    })
    .prefault({}),
  asr: z
    .strictObject({
      /** The packaged one, the name of a pulled one, a folder, or the http(s) URL of a transcription endpoint. */
      model: z.string().min(1).default(packagedModel),
      /** By language (BCP 47), for calls whose route or trunk says that it is spoken; others have `model`. */
      models: z.record(language, z.string().min(1)).default({}),
      /** What is spoken on calls of which neither route nor trunk says it; unset: what the model is for. */
      language: language.optional(),
      /** Of a model that is a URL. */
      endpoint: z
        .strictObject({
          /** The endpoint's own name for a model. */
          model: z.string().min(1).default('whisper-1'),
          /** Sent as a bearer token. */
          key: z.string().min(1).optional(),
          /** Of one attempt. */
          timeoutS: seconds.default(30),
          attempts: z.int().min(1).max(10).default(3),
        })
        .prefault({}),
      /** 0 turns recognition off; unset: one a core, less the one that media keeps, at least one. */
      processes: z.int().min(0).max(64).optional(),
    })
    .prefault({}),
  redaction: z
    .strictObject({
      /** An undecided stretch is masked after this long. */
      holdS: seconds.default(30),
      /** Audio of one call kept in memory past the mark; beyond it the oldest is let go and counted. */
      memoryS: seconds.default(120),
    })
    .prefault({}),
  rules: z
    .strictObject({
      /** YAML file of rules; unset: rules.yaml beside the configuration where there is one, else the built-in ones. */
      file: z.string().optional(),
    })
    .prefault({}),
  metrics: z.strictObject({ interruptionMs: z.number().positive().default(500) }).prefault({}),
  store: z
    .strictObject({
      /** Redacted rows that wait on disk while the database is away. */
      journalLimitMb: z.number().positive().default(512),
    })
    .prefault({}),
  assurance: z
    .strictObject({
      /** A stream that should have sound and has none for so long is told of. */
      silentAfterS: seconds.default(8),
      /** Of the calls that were to be kept, how many should be complete. */
      targetShare: z.number().min(0).max(1).default(0.995),
      /** Call detail records of the PBX, held against the calls: docs/assurance.md. */
      cdr: z.array(cdrFile).default([]),
    })
    .prefault({}),
  /** Calls of which we get a copy, whichever way it comes. */
  intake: z
    .strictObject({
      /** At once; further ones are refused. */
      maxCalls: z.int().min(1).default(2000),
    })
    .prefault({}),
  /** Files that are handed in to become calls. */
  ingest: z
    .strictObject({
      /** Played at once; the others wait their turn. */
      atOnce: z.int().min(1).default(2),
      /** A larger upload is refused. */
      maxUploadMb: z.int().min(1).default(4096),
    })
    .prefault({}),
  /** Sound that comes as a stream of its own, without SIP or RTP. */
  streams: z
    .strictObject({
      /** Senders that need no key to open a WebSocket on /api/v1/streams. */
      allow: z.array(cidr).default([]),
    })
    .prefault({}),
  siprec: z
    .strictObject({
      /** Dialled users that are recorders: an INVITE to one is a copy of a call, whatever its body. */
      users: z.array(z.string().min(1)).default([]),
      /** A copy that does not name the extension `siprec` is refused with 421. */
      requireExtension: z.boolean().default(false),
      /** A re-INVITE or UPDATE that makes every stream inactive pauses recording and transcription. */
      pauseOnInactive: z.boolean().default(true),
      /** Over the participants' URIs: a call with such a participant is declined with 603. */
      exclude: z.array(regexSource).default([]),
      /** What a client is answered when `intake.maxCalls` run. */
      fullStatus: z.literal([503, 486]).default(503),
    })
    .prefault({}),
  /** Asterisk's AudioSocket: docs/pbx/asterisk.md. */
  audiosocket: z
    .strictObject({
      host: address.default('127.0.0.1'),
      /** Unset: it is not listened for. */
      port: port.optional(),
      /** Who may connect, besides `sip.allow` and the addresses of trunks. */
      allow: z.array(cidr).default([]),
      /**
       * Two sockets of one call. `uuid`: both give the same UUID, the caller's first. `last-digit`: their UUIDs differ in
       * the last hexadecimal digit alone, even for the caller and odd for the callee.
       */
      pairBy: z.enum(['uuid', 'last-digit']).default('uuid'),
      /** What a socket carries that stays alone, when `pairBy` is `uuid`. */
      single: z.enum(['mixed', 'caller']).default('mixed'),
      /**
       * How long a socket waits for the other of its call before it is alone, when `single` is `mixed`. What it says
       * meanwhile comes in one go: no longer than a sender may be ahead of time (media/streams/feed.ts).
       */
      pairWaitS: z.number().min(0).max(4).default(1),
      /** At once; further ones are closed. */
      maxSockets: z.int().min(1).default(4000),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(logLevels).default('info') }).prefault({}),
});

export type Config = DeepReadonly<z.infer<typeof configSchema>>;
export type TrunkConfig = Config['trunks'][number];
export type RouteConfig = Config['routes'][number];
export type CdrFileConfig = Config['assurance']['cdr'][number];

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

function groupsAreThere({
  match,
  to,
}: {
  readonly match?: string | undefined;
  readonly to: string | string[];
}): boolean {
  if (match !== undefined && !isRegex(match)) return true;
  const groups = match === undefined ? 0 : (new RegExp(`${match}|`).exec('')?.length ?? 1) - 1;
  return [
    ...[to]
      .flat()
      .join(' ')
      .matchAll(/\$(\d)/g),
  ].every(([, index]) => Number(index) <= groups);
}
