import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { page } from '../../dashboards/api/schemas/common.ts';
import { speaker, voiceAnswer } from '../../dashboards/api/schemas/speakers.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import { ApiClient } from '../api-client.ts';
import { configOf } from '../config.ts';
import { printJson, printTable } from '../output.ts';

interface Json {
  readonly json?: true;
}
/** Where the voice is: a file, or a call that has ended. */
interface VoiceFlags extends Json {
  readonly call?: string;
  readonly side?: string;
  readonly voice?: string;
}
interface EnrolFlags extends VoiceFlags {
  readonly consentBy: string;
  readonly consentAt: string;
  readonly consentHow: string;
  readonly consentReference?: string;
}

/** `sidetone speakers list|enrol|verify|delete` */
export function speakersCommand(): Command {
  const speakers = new Command('speakers').description('people who are known by their voice, with their consent');
  speakers
    .command('list')
    .description('whose voices are enrolled, on which consent')
    .option('--json', 'print JSON')
    .action(async ({ json }: Json, command: Command) => {
      const { items } = await new ApiClient(configOf(command)).get('/api/v1/speakers', page(speaker));
      if (json === true) printJson(items);
      else {
        printTable(
          ['name', 'consent', 'given', 'last used', 'speech', 'id'],
          items.map(({ name, consent, lastUsedAt, speechS, speakerId }) => [
            name,
            `${consent.how}, by ${consent.givenBy}`,
            consent.givenAt.slice(0, 10),
            lastUsedAt ?? 'never',
            `${speechS.toFixed(0)} s`,
            speakerId,
          ]),
        );
      }
    });
  withVoice(
    speakers
      .command('enrol')
      .description('keep the voice of somebody who has consented to it')
      .argument('<name>', 'as transcripts are to name them')
      .argument('[file]', 'sound in which they alone speak, six seconds of speech and more')
      .requiredOption('--consent-by <person>', 'who consents')
      .requiredOption('--consent-at <time>', 'when: ISO 8601, 2026-11-25T10:00:00Z')
      .requiredOption('--consent-how <how>', 'signed form, said in a call ...')
      .option('--consent-reference <reference>', 'where the proof lies'),
  ).action(async (name: string, file: string | undefined, flags: EnrolFlags, command: Command) => {
    const form = await formOf(file, flags);
    form.append('name', name);
    form.append('consentGivenBy', flags.consentBy);
    form.append('consentGivenAt', flags.consentAt);
    form.append('consentHow', flags.consentHow);
    if (flags.consentReference !== undefined) form.append('consentReference', flags.consentReference);
    const enrolled = await new ApiClient(configOf(command)).upload('/api/v1/speakers', speaker, form, () => undefined);
    if (flags.json === true) printJson(enrolled);
    else
      console.log(`${enrolled.name} is enrolled, by ${enrolled.speechS.toFixed(0)} s of speech: ${enrolled.speakerId}`);
  });
  withVoice(
    speakers
      .command('verify')
      .description('hold a voice against one that is enrolled; exit code 1: it is not surely the same')
      .argument('<id>', 'as `speakers list` has it')
      .argument('[file]', 'sound in which one person speaks, 1.5 seconds of speech and more'),
  ).action(async (id: string, file: string | undefined, flags: VoiceFlags, command: Command) => {
    const path = `/api/v1/speakers/${encodeURIComponent(id)}/verify`;
    const form = await formOf(file, flags);
    const answer = await new ApiClient(configOf(command)).upload(path, voiceAnswer, form, () => undefined);
    if (flags.json === true) printJson(answer);
    else {
      const percent = Math.round(100 * answer.probability);
      const words = { same: 'the same voice', other: 'another voice', unsure: 'not to be told' }[answer.decision];
      console.log(
        `${words}: ${percent} % that it is (score ${answer.score.toFixed(2)}, ${answer.speechS.toFixed(1)} s)`,
      );
    }
    if (answer.decision !== 'same') process.exitCode = 1;
  });
  speakers
    .command('delete')
    .description('forget a voice, its consent record, and the name in every transcript that rests on it')
    .argument('<id>', 'as `speakers list` has it')
    .action(async (id: string, _flags: object, command: Command) => {
      const path = `/api/v1/speakers/${encodeURIComponent(id)}`;
      await new ApiClient(configOf(command)).send('DELETE', path, z.undefined());
      console.log('The voice is forgotten.');
    });
  return speakers;
}

function withVoice(command: Command): Command {
  return command
    .option('--call <callId>', 'instead of a file: a call that has ended')
    .option('--side <side>', 'of that call: caller, callee, other, mixed')
    .option('--voice <label>', 'on that side, where speakers are told apart: 1, 2 ...')
    .option('--json', 'print JSON');
}

async function formOf(file: string | undefined, { call, side, voice }: VoiceFlags): Promise<FormData> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ callId: call, side, voice }))
    if (value !== undefined) form.append(name, value);
  if (file !== undefined) form.append('file', await contentOf(file), basename(file));
  return form;
}

async function contentOf(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file);
  } catch (cause) {
    throw new SidetoneError('bad-request', `${file}: ${toError(cause).message}`, { cause });
  }
}
