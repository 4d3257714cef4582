import { z } from 'zod';
import { logLevels } from '../log.ts';
import { packagedModel } from '../models.ts';
import { cdrFile } from './cdr-file.ts';
import { audiosocket, rtpengine, siprec } from './copies.ts';
import { sip } from './sip.ts';
import { route, trunk } from './trunks-and-routes.ts';
import {
  address,
  cidr,
  isPortRange,
  keyCode,
  language,
  phrases,
  port,
  publicUrl,
  recordPolicy,
  seconds,
} from './values.ts';

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
  sip: sip.prefault({}),
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
  rtpengine: rtpengine.prefault({}),
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
      /** Names and terms of all calls: recognised more readily than other words (docs/phrases.md). */
      phrases: phrases.default([]),
      /** Header of an INVITE that lists further phrases of its call, with commas between; unset: none is looked at. */
      phrasesHeader: z
        .string()
        .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'not the name of a SIP header, such as X-Phrases')
        .optional(),
      /** Recognises ended calls again from their recordings, as they are kept (docs/phrases.md); unset: nothing does. */
      secondPass: z
        .strictObject({
          /** As `asr.model` takes it. */
          model: z.string().min(1),
        })
        .optional(),
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
      /** Audio that waits for recognition is kept in memory up to this many seconds of all channels together (16 kB each). */
      memoryS: seconds.default(600),
      /** Past that on disk, encrypted, up to this; what is more is lost. 0: nothing is put on disk. */
      spoolMb: z.int().min(0).max(1_000_000).default(512),
      speakers: z
        .strictObject({
          /** Where speakers are told apart: on streams that several share, on every side, or nowhere. */
          diarize: z.enum(['mixed', 'all', 'off']).default('mixed'),
          /** ONNX file of a speaker model that sherpa-onnx knows; unset: our own. */
          model: z.string().min(1).optional(),
          /** Whether the voices of calls are held against those that are enrolled, and named in transcripts. */
          identify: z.enum(['off', 'on']).default('off'),
        })
        .prefault({}),
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
  siprec: siprec.prefault({}),
  /** Asterisk's AudioSocket: docs/pbx/asterisk.md. */
  audiosocket: audiosocket.prefault({}),
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
