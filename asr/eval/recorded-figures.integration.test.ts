import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { hasFlite } from '#lib/testing/flite.ts';
import { loadEngine } from '../engines/load.ts';
import { loadPlainMoonshine } from '../engines/moonshine/plain.ts';
import { engineSettings } from '../testing/engine-settings.ts';
import { speakSet } from '../testing/spoken-set.ts';
import { differenceInterval } from './bootstrap.ts';
import { evaluateWer, type CorpusErrors } from './wer.ts';

/**
 * Errors of the default engine on a set that flite speaks, as they were when they were last looked at. A change that makes
 * more of them, by more than the set's own noise, has made recognition worse; one that makes fewer is to be recorded here.
 * `noise`: another processor's 8-bit products round otherwise, and half the interval of so few utterances. The set tells whether something broke, not how good recognition is: docs/accuracy.md does that, on people.
 */
const recorded: Readonly<Record<string, { readonly errors: number; readonly noise: number }>> = {
  sentences: { errors: 15, noise: 6 },
  'digit-strings': { errors: 1, noise: 3 },
  'short-answers': { errors: 0, noise: 2 },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidetone-spoken-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const errorsOf = ({ substitutions, deletions, insertions }: CorpusErrors): number =>
  substitutions + deletions + insertions;

test.skipIf(!hasFlite)('no more errors than on record, and fewer than plain decoding makes (needs flite)', async () => {
  await speakSet(folder);
  const engine = await loadEngine(engineSettings(folder).model, {
    ...engineSettings(join(folder, 'cache')),
    logger: silentLogger,
  });
  const plain = await loadPlainMoonshine();
  const [ours, theirs] = [await evaluateWer(folder, engine), await evaluateWer(folder, plain)];
  await engine.close();
  await plain.close();
  const now = Object.fromEntries(ours.corpora.map((corpus) => [corpus.corpus, errorsOf(corpus)]));
  expect(Object.keys(now).toSorted()).toEqual(Object.keys(recorded).toSorted());
  for (const [corpus, { errors, noise }] of Object.entries(recorded)) {
    expect(now[corpus], `${corpus}: ${JSON.stringify(now)}`).toBeLessThanOrEqual(errors + noise);
  }
  const all = (corpora: readonly CorpusErrors[]) => corpora.flatMap(({ tallies }) => tallies);
  expect(differenceInterval(all(theirs.corpora), all(ours.corpora)).high).toBeLessThan(0);
});
