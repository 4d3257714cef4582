import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { createLogger } from '#lib/log.ts';
import { openSpeakerNet } from '../../speakers/net/speaker-net.ts';
import { dot } from '../../speakers/types.ts';
import { probabilityOf, type Calibration } from '../../speakers/verification/calibration.ts';
import { sureProbability, voiceOf } from '../../speakers/verification/voiceprint.ts';
import { clusteringThreshold, type HeldBackVoice } from './clustering.ts';
import type { Collected } from './collect.ts';

/** As in train.py: every so-many-th speaker has not been trained on. */
const heldBack = 14;
/** Of one-word clips no voiceprint is made. */
const leftOut = ['speech_commands_9w'];
const enrolS = 10;
const testLengthsS = [1.5, 3, 6];
const testsEach = 6;
const conversationS = 18;
const steps = 4000;

interface Pair {
  readonly same: boolean;
  readonly score: number;
  readonly testS: number;
  readonly weight: number;
}

/**
 * Fits what a score means (verification/calibration.ts) on the speakers that train.py held back: voiceprints of 10 s
 * against stretches of 1.5 to 6 s, through mu-law, within each corpus, as many of one speaker as of two by weight; and
 * finds where clustering stops on conversations of every two of them. Writes asr/speakers/weights/calibration.json.
 */
export async function calibrate(cacheDir: string): Promise<Calibration & { readonly sameVoice: number }> {
  const logger = createLogger('info', 'speaker-training');
  const model = await openSpeakerNet();
  const index = JSON.parse(await readFile(join(cacheDir, 'index.json'), 'utf8')) as readonly Collected[];
  const speakers = index.filter(
    ({ corpus, samples }, number) => number % heldBack === 0 && !leftOut.includes(corpus) && samples > 8000 * 18,
  );
  const audio = await open(join(cacheDir, 'audio.raw'));
  const read = async (startSample: number, seconds: number): Promise<Int16Array> => {
    const bytes = Buffer.alloc(2 * Math.round(8000 * seconds));
    await audio.read(bytes, 0, bytes.length, 2 * startSample);
    return decodeG711('pcmu', encodeG711('pcmu', new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)));
  };
  const pairs: Omit<Pair, 'weight'>[] = [];
  const prints = await Promise.all(
    speakers.map(async ({ startSample }) => voiceOf(model, [await read(startSample, enrolS)])),
  );
  for (const [number, { startSample, samples, corpus }] of speakers.entries()) {
    for (const testS of testLengthsS) {
      const room = Math.floor((samples / 8000 - enrolS) / testS);
      for (let test = 0; test < Math.min(testsEach, room); test++) {
        const at = startSample + Math.round(8000 * (enrolS + test * testS));
        const voice = await voiceOf(model, [await read(at, testS)]);
        prints.forEach((print, other) => {
          if (speakers[other]?.corpus !== corpus) return;
          pairs.push({ same: other === number, score: dot(print, voice), testS });
        });
      }
    }
  }
  const voices = await Promise.all(
    speakers.map(async ({ speaker, startSample, corpus }): Promise<HeldBackVoice> => ({
      speaker,
      corpus,
      pcm: await read(startSample, conversationS),
    })),
  );
  await audio.close();
  const sameVoice = await clusteringThreshold(model, voices);
  await model.close();
  const calibration = { ...fit(pairs), sameVoice };
  for (const testS of testLengthsS) logger.info(decisionsOf(pairs, testS, calibration), 'decisions, held back');
  const file = new URL('../../speakers/weights/calibration.json', import.meta.url);
  await writeFile(file, `${JSON.stringify({ modelId: model.id, ...calibration }, null, 2)}\n`);
  return calibration;
}

/** What the decisions are worth on what was fitted on, in percent: at the best, for others are not better known. */
function decisionsOf(pairs: readonly Omit<Pair, 'weight'>[], testS: number, calibration: Calibration): object {
  const share = (isSame: boolean, accepted: boolean): number => {
    const kind = pairs.filter((pair) => pair.testS === testS && pair.same === isSame);
    const wrong = kind.filter(
      (pair) => probabilityOf(pair.score, testS, calibration) >= sureProbability === accepted,
    ).length;
    return Math.round((1000 * wrong) / kind.length) / 10;
  };
  return { testS, notSame: share(true, false), falseAccept: share(false, true) };
}

/** Logistic regression by plain gradient descent: few parameters, all of one size. */
function fit(pairs: readonly Omit<Pair, 'weight'>[]): Calibration {
  const same = pairs.filter((pair) => pair.same).length;
  const weighted = pairs.map((pair): Pair => ({
    ...pair,
    weight: 0.5 / (pair.same ? same : pairs.length - same),
  }));
  let at: Calibration = { offset: -2, offsetByLogS: 0, slope: 5, slopeByLogS: 0 };
  for (let step = 0; step < steps; step++) {
    const slope = { offset: 0, offsetByLogS: 0, slope: 0, slopeByLogS: 0 };
    for (const { same: isSame, score, testS, weight } of weighted) {
      const error = weight * (probabilityOf(score, testS, at) - (isSame ? 1 : 0));
      const logS = Math.log(testS);
      slope.offset += error;
      slope.offsetByLogS += error * logS;
      slope.slope += error * score;
      slope.slopeByLogS += error * score * logS;
    }
    const rate = 5;
    at = {
      offset: at.offset - rate * slope.offset,
      offsetByLogS: at.offsetByLogS - rate * slope.offsetByLogS,
      slope: at.slope - rate * slope.slope,
      slopeByLogS: at.slopeByLogS - rate * slope.slopeByLogS,
    };
  }
  return at;
}
