import { z } from 'zod';
import { phrases } from '#lib/config/values.ts';
import { hasCode } from '#lib/errors.ts';
import type { HandedIn, IngestEntry, IngestUpload } from '#media/types.ts';
import { claimedName } from '../auth/on-behalf-of.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type AnyRequest, type Reply, type Route } from '../http/route.ts';
import { takeTime } from '../http/slow-bodies.ts';
import { receiveForm, removeFiles, type ReceivedForm } from '../ingest/receive-form.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { isoTime } from './schemas/common.ts';
import { contentSha256, ingestAnswer, ingestForm, ingestItem } from './schemas/ingest.ts';

const maxFiles = 100;
const flag = z.stringbool({ error: 'not true or false' }).default(false);
const fieldsOfForm = z.strictObject({
  pair: flag,
  swap: flag,
  startedAt: isoTime.optional(),
  source: z.string().trim().min(1).max(200).optional(),
  phrases: z
    .string()
    .default('')
    .transform((text) => text.split('\n').filter((line) => line.trim() !== ''))
    .pipe(phrases),
});
type Fields = z.output<typeof fieldsOfForm>;

export function ingestRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'ingestFiles',
      method: 'post',
      path: '/api/v1/ingest',
      tag: 'Files in',
      summary:
        'Makes calls of recordings (WAV, FLAC, MP3, Ogg Opus) and captures (pcap, pcapng); files are read through, and ' +
        'played into their calls after the answer',
      access: 'sender',
      form: ingestForm,
      audit: { kind: 'change', action: 'ingest-requested' },
      responses: {
        200: jsonOf('All of it was taken before: the calls that there are', ingestAnswer),
        202: jsonOf('Taken: the calls that there will be', ingestAnswer),
        ...problems(400, 401, 403, 413, 415, 503),
      },
      handle: async (request) => {
        takeTime(request.incoming);
        const form = await receiveForm(request.incoming, context.ingest.spoolDir, {
          maxBytes: context.config.ingest.maxUploadMb * 2 ** 20,
          maxFiles,
        });
        return takeForm(context, request, form);
      },
    }),
    route({
      id: 'getIngest',
      method: 'get',
      path: '/api/v1/ingest/{sha256}',
      tag: 'Files in',
      summary:
        'How far a file is, by the SHA-256 of its content; also tells, before it is sent, whether it was taken. A sender ' +
        'sees what its own key has handed in',
      access: 'sender',
      params: z.object({ sha256: contentSha256 }),
      audit: { kind: 'none', because: 'it shows how far a file is, and nothing of what is in it' },
      responses: { 200: jsonOf('What became of it', ingestItem), ...problems(400, 401, 403, 404, 503) },
      handle: async ({ params, identity }) => {
        const entry = await context.ingest.find(params.sha256);
        if (entry === undefined || !maySee(identity, entry))
          throw new HttpProblem('not-found', 'no such content was taken, or its calls are gone');
        return json(itemOf(entry));
      },
    }),
  ];
}

/** Files of a form are taken one after another: the first that is refused ends it, and those before it stand. */
async function takeForm(context: ApiContext, request: AnyRequest, form: ReceivedForm): Promise<Reply> {
  const left = [...form.files];
  try {
    const fields = readFields(form);
    const items = [];
    while (left.length > 0) {
      // From here on the files are the stage's own.
      const files = left.splice(0, fields.pair ? 2 : 1);
      const sourceName = fields.source ?? request.actor.name;
      const startedAtEpochMs = fields.startedAt === undefined ? null : Date.parse(fields.startedAt);
      const handedInBy = handedInAs(request);
      const { swap, phrases: listed } = fields;
      const upload = { files, swap, startedAtEpochMs, sourceName, handedInBy, phrases: listed };
      const taken = await context.ingest.take(upload).catch((thrown: unknown) => {
        noteRefusal(context, request.address, sourceName, thrown);
        throw thrown;
      });
      if (taken.isNew) await context.handIns.write();
      const entry = maySee(request.identity, taken.entry) ? taken.entry : asSent(taken.entry, upload);
      items.push({ ...itemOf(entry), isNew: taken.isNew });
    }
    return json({ items }, items.some(({ isNew }) => isNew) ? 202 : 200);
  } finally {
    await removeFiles(left);
  }
}

/** Whoever looks for the calls of a recorder sees that its files were no good. */
function noteRefusal(context: ApiContext, address: string, sourceName: string, thrown: unknown): void {
  if (!hasCode(thrown, 'unsupported-audio')) return;
  context.sources.refused({ source: 'ingest', sourceName }, address, {
    reason: 'unsupported-audio',
    remedy: thrown.message,
  });
}

function readFields({ files, fields }: ReceivedForm): Fields {
  const parsed = fieldsOfForm.safeParse(fields);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `form.${issue.path.map(String).join('.')}: ${issue.message}`);
    throw new HttpProblem('bad-request', issues.join('; '));
  }
  if (files.length === 0) throw new HttpProblem('bad-request', 'form: there is no file in it');
  if (parsed.data.pair && files.length !== 2) throw new HttpProblem('bad-request', 'form.pair: takes two files');
  return parsed.data;
}

function handedInAs({ actor, address, claim }: AnyRequest): HandedIn {
  return { actor, address, onBehalfOf: claimedName(claim) ?? null };
}

/** A key that only sends sees nothing of what others have handed in. */
function maySee(identity: AnyRequest['identity'], { handedInBy }: IngestEntry): boolean {
  return identity?.role !== 'sender' || handedInBy?.actor.id === identity.actor.id;
}

/** What others handed in before, to one who has the same content: as they call it themselves. */
function asSent(entry: IngestEntry, { files, sourceName }: IngestUpload): IngestEntry {
  return { ...entry, names: files.map(({ name }) => name), sourceName };
}

function itemOf(entry: IngestEntry): z.input<typeof ingestItem> {
  const { sha256, names, bytes, sourceName, callIds, state, durationMs, doneMs, hoursPerHour, fault } = entry;
  return {
    sha256,
    names: [...names],
    bytes,
    sourceName,
    callIds: [...callIds],
    state,
    takenAt: new Date(entry.takenEpochMs).toISOString(),
    durationMs,
    doneMs,
    hoursPerHour,
    fault,
  };
}
