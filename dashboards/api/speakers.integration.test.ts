import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasFlite } from '#lib/testing/flite.ts';
import type { EnrolledSpeaker, VoiceAnswer } from '#analytics/types.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const long =
  'Good morning, you have reached the service desk. I can see the order here, and it left our warehouse on Tuesday.';
const other = 'There is nothing more that you have to do today, we will write to you as soon as it has been sent.';

let folder: string;
let house: HttpHouse;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sidetone-voices-'));
  house = await openHttpHouse();
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

function sound(voice: string, text: string): Blob {
  const path = join(folder, 'said.wav');
  execFileSync('flite', ['-voice', voice, '-t', text, '-o', path]);
  return new Blob([readFileSync(path)]);
}
const consent = { consentGivenBy: 'Anna', consentGivenAt: '2026-11-01T10:00:00Z', consentHow: 'signed form' };

async function post(path: string, fields: Readonly<Record<string, string>>, file?: Blob): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append('file', file, 'anna.wav');
  return house.ask(path, 'admin', { method: 'POST', body: form });
}
const enrol = (fields: Readonly<Record<string, string>>, file?: Blob) => post('/api/v1/speakers', fields, file);
const actions = async (): Promise<readonly string[]> =>
  (await house.database.audit.list({ limit: 100 })).items.map(({ entry }) => entry?.action ?? '');

test.skipIf(!hasFlite)(
  'a voice is enrolled on a consent, verified, and deleted, each on record without a name',
  async () => {
    const file = sound('slt', `${long} ${long}`);
    const added = await enrol({ name: 'Anna', ...consent, consentReference: 'HR 114' }, file);
    expect(added.status).toBe(201);
    const speaker = (await added.json()) as EnrolledSpeaker;
    expect(speaker).toMatchObject({ name: 'Anna', enrolledBy: 'admin key', consent: { reference: 'HR 114' } });
    expect(Object.keys(speaker)).not.toContain('voiceprint');
    expect((await enrol({ name: 'anna', ...consent }, file)).status).toBe(409);

    const verify = async (voice: string): Promise<VoiceAnswer> => {
      const answer = await post(`/api/v1/speakers/${speaker.speakerId}/verify`, {}, sound(voice, other));
      expect(answer.status).toBe(200);
      return (await answer.json()) as VoiceAnswer;
    };
    expect(await verify('slt')).toMatchObject({ decision: 'same' });
    expect((await verify('rms')).decision).not.toBe('same');

    const path = `/api/v1/speakers/${speaker.speakerId}`;
    expect((await house.ask(path, 'admin', { method: 'DELETE' })).status).toBe(204);
    expect((await house.ask(path, 'admin', { method: 'DELETE' })).status).toBe(404);
    expect(await (await house.ask('/api/v1/speakers', 'admin')).json()).toEqual({ items: [], next: null });
    expect(await actions()).toEqual(
      expect.arrayContaining(['enrolment-requested', 'speaker-enrolled', 'voice-verified', 'speaker-deleted']),
    );
    const rows = await house.database.audit.list({ limit: 100, targetId: speaker.speakerId });
    expect(rows.items.length).toBeGreaterThan(3);
    expect(JSON.stringify(rows)).not.toContain('Anna');
    expect(JSON.stringify(rows)).toContain('HR 114');
    // What was sent is not kept.
    expect(readdirSync(house.ingest.spoolDir)).toEqual([]);
  },
);

test.skipIf(!hasFlite)('what is refused is not kept, and says why', async () => {
  const file = sound('slt', long);
  const refused = async (fields: Readonly<Record<string, string>>, sent: Blob | undefined, status: number) => {
    const answer = await enrol(fields, sent);
    expect(answer.status).toBe(status);
    return ((await answer.json()) as { readonly detail: string }).detail;
  };
  const { consentGivenBy, ...without } = consent;
  expect(await refused({ name: 'Bea', ...without }, file, 400)).toContain('consentGivenBy');
  expect(await refused({ name: 'Bea', ...consent, consentHow: ' ' }, file, 400)).toContain('consentHow');
  expect(await refused({ name: 'Bea', ...consent }, undefined, 400)).toContain('the voice is to be in a file');
  expect(await refused({ name: 'Bea', ...consent }, sound('slt', 'Hello.'), 422)).toContain('6 s are needed');
  expect(await refused({ name: 'Bea', ...consent }, new Blob(['no sound']), 415)).toContain('at byte');
  const callId = '01938f3e-6b7c-7c2a-9d31-00000000dead';
  await refused({ name: 'Bea', ...consent, callId, side: 'caller' }, undefined, 404);
  house.auditRefuses = true;
  await refused({ name: 'Bea', ...consent }, file, 503);
  house.auditRefuses = false;
  expect(await house.database.speakers.list()).toEqual([]);
  expect(consentGivenBy).toBe('Anna');
});
