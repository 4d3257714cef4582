import { z } from 'zod';
import type { VoiceSource } from '#analytics/types.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type AnyRequest, type Route } from '../http/route.ts';
import { takeTime } from '../http/slow-bodies.ts';
import { receiveForm, removeFiles, type ReceivedForm } from '../ingest/receive-form.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { id, page } from './schemas/common.ts';
import { enrolFields, enrolForm, speaker, verifyFields, verifyForm, voiceAnswer } from './schemas/speakers.ts';

const speakerParams = z.object({ speakerId: id });
const speakerTarget = ({ params }: { readonly params: z.output<typeof speakerParams> }) =>
  ({ kind: 'speaker', id: params.speakerId }) as const;

/**
 * Enrolled voices: biometric data, for admins alone. The audit log tells who did what to which speaker by id, and on
 * whose consent by its reference; no name is in it, so that deletion leaves none behind.
 */
export function speakerRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'listSpeakers',
      method: 'get',
      path: '/api/v1/speakers',
      tag: 'Speakers',
      summary: 'Whose voices are enrolled, on which consent, and when each was last used',
      access: 'admin',
      audit: { kind: 'read', action: 'speakers-listed' },
      responses: { 200: jsonOf('All speakers, by name', page(speaker)), ...problems(401, 403, 503) },
      handle: async () => json({ items: await context.speakers.list(), next: null }),
    }),
    route({
      id: 'enrolSpeaker',
      method: 'post',
      path: '/api/v1/speakers',
      tag: 'Speakers',
      summary:
        'Enrols a voice from a sound file or from a call that has ended, on a consent that is on record: without one it ' +
        'is refused',
      access: 'admin',
      form: enrolForm,
      audit: { kind: 'change', action: 'enrolment-requested' },
      responses: {
        201: jsonOf('The speaker', speaker),
        ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
      },
      handle: (request) =>
        withVoice(context, request, enrolFields, async (fields, source) => {
          const { name, consentGivenBy, consentGivenAt, consentHow, consentReference } = fields;
          const consent = {
            givenBy: consentGivenBy,
            givenAt: new Date(consentGivenAt).toISOString(),
            how: consentHow,
            reference: consentReference ?? null,
          };
          const enrolled = await context.speakers.enrol({ name, consent, enrolledBy: request.actor.name }, source);
          const { speakerId, speechS } = enrolled;
          const detail = { consentGivenAt: consent.givenAt, consentReference: consent.reference, speechS };
          await onRecord(context, request, speakerId, detail);
          return json(enrolled, 201);
        }),
    }),
    route({
      id: 'verifySpeaker',
      method: 'post',
      path: '/api/v1/speakers/{speakerId}/verify',
      tag: 'Speakers',
      summary: 'Whether a voice, in a sound file or a call that has ended, is that of an enrolled speaker',
      access: 'admin',
      params: speakerParams,
      form: verifyForm,
      audit: { kind: 'change', action: 'voice-verified', target: speakerTarget },
      responses: {
        200: jsonOf('How near it is', voiceAnswer),
        ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
      },
      handle: (request) =>
        withVoice(context, request, verifyFields, async (_fields, source) =>
          json(await context.speakers.verify(request.params.speakerId, source)),
        ),
    }),
    route({
      id: 'deleteSpeaker',
      method: 'delete',
      path: '/api/v1/speakers/{speakerId}',
      tag: 'Speakers',
      summary:
        'Removes voiceprint and consent record, and the name from every transcript in which it stood for the sake of the ' +
        'voice; exports with it are gone',
      access: 'admin',
      params: speakerParams,
      audit: { kind: 'change', action: 'speaker-deleted', target: speakerTarget },
      responses: { 204: { description: 'Nothing of it is kept', content: {} }, ...problems(401, 403, 404, 503) },
      handle: async ({ params }) => {
        const removed = await context.speakers.remove(params.speakerId);
        if (removed === undefined) throw new HttpProblem('not-found', 'there is no such speaker');
        return { kind: 'empty' };
      },
    }),
  ];
}

/** What cannot be put on record is not kept. */
async function onRecord(
  context: ApiContext,
  { actor, address, claim }: AnyRequest,
  speakerId: string,
  detail: Parameters<ApiContext['trail']['write']>[0]['detail'],
): Promise<void> {
  try {
    const target = { kind: 'speaker', id: speakerId } as const;
    const [action, outcome] = ['speaker-enrolled', 'allowed'] as const;
    await context.trail.write({ actor, action, target, detail: { ...detail, ...claim }, address, outcome });
  } catch (thrown) {
    await context.speakers.remove(speakerId);
    throw thrown;
  }
}

/** Reads the form; its file is gone afterwards, whatever came of it. */
async function withVoice<Fields extends { readonly callId?: string | undefined }, Answer>(
  context: ApiContext,
  request: Pick<AnyRequest, 'incoming'>,
  schema: z.ZodType<Fields & SourceFields>,
  work: (fields: Fields & SourceFields, source: VoiceSource) => Promise<Answer>,
): Promise<Answer> {
  takeTime(request.incoming);
  const form = await receiveForm(request.incoming, context.ingest.spoolDir, {
    maxBytes: context.config.ingest.maxUploadMb * 2 ** 20,
    maxFiles: 1,
  });
  try {
    const parsed = schema.safeParse(form.fields);
    if (!parsed.success) {
      const issues = parsed.error.issues.map((issue) => `form.${issue.path.map(String).join('.')}: ${issue.message}`);
      throw new HttpProblem('bad-request', issues.join('; '));
    }
    return await work(parsed.data, sourceOf(form, parsed.data));
  } finally {
    await removeFiles(form.files);
  }
}

type SourceFields = z.output<typeof verifyFields>;

function sourceOf({ files }: ReceivedForm, { callId, side, voice }: SourceFields): VoiceSource {
  const [file] = files;
  if (file !== undefined && callId === undefined) return { path: file.path };
  if (file === undefined && callId !== undefined && side !== undefined) return { callId, side, label: voice ?? null };
  throw new HttpProblem('bad-request', 'form: the voice is to be in a file, or in a call by callId and side');
}
