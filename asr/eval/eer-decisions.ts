import { dot, type SpeakerModel } from '../speakers/types.ts';
import { calibrationOf, probabilityOf } from '../speakers/verification/calibration.ts';
import { speechOf } from '../speakers/verification/speech-of.ts';
import { sureProbability, voiceOf } from '../speakers/verification/voiceprint.ts';
import type { Vad } from '../vad/silero.ts';
import { readVoices } from './eer-voices.ts';
import { readTelephoneAudio } from './utterances.ts';

/** In percent of the trials of their kind. */
export interface Decisions {
  readonly testS: number;
  readonly targets: number;
  readonly impostors: number;
  /** The speaker's own voice: not known again for sure, and taken for another's. */
  readonly notSame: number;
  readonly falseReject: number;
  /** Another's voice taken for the speaker's. */
  readonly falseAccept: number;
}

const enrolS = 10;
const testsEach = 8;

/**
 * What the verifier's decisions are worth on the speakers of a folder: voiceprints of 10 s of each speaker who has more
 * than that, against stretches of the given lengths of the same speakers' other files and of everybody else's.
 */
export async function evaluateDecisions(
  folder: string,
  { model, vad, testS }: { readonly model: SpeakerModel; readonly vad: Vad; readonly testS: readonly number[] },
): Promise<readonly Decisions[]> {
  const prints: { readonly speaker: string; readonly vector: Float32Array }[] = [];
  const tests = testS.map(() => [] as { readonly speaker: string; readonly vector: Float32Array }[]);
  for (const [speaker, files] of await readVoices(folder)) {
    const enrolled: Int16Array[] = [];
    let samples = 0;
    let isEnrolled = files.length < 2;
    for (const { path } of files.slice(0, 6)) {
      const speech = await speechOf(vad, await readTelephoneAudio(path));
      if (!isEnrolled) {
        enrolled.push(speech);
        samples += speech.length;
        isEnrolled = samples >= 8000 * enrolS;
        if (isEnrolled) prints.push({ speaker, vector: await voiceOf(model, enrolled) });
        continue;
      }
      for (const [index, seconds] of testS.entries()) {
        const length = Math.round(8000 * seconds);
        const count = Math.min(testsEach, Math.floor(speech.length / length));
        for (let part = 0; part < count; part++) {
          const vector = await voiceOf(model, [speech.subarray(part * length, (part + 1) * length)]);
          tests[index]?.push({ speaker, vector });
        }
      }
    }
  }
  const calibration = calibrationOf(model.id);
  return testS.map((seconds, index) => {
    const own: number[] = [];
    const others: number[] = [];
    for (const print of prints) {
      for (const { speaker, vector } of tests[index] ?? []) {
        const list = speaker === print.speaker ? own : others;
        list.push(probabilityOf(dot(print.vector, vector), seconds, calibration));
      }
    }
    const share = (list: readonly number[], wanted: (value: number) => boolean): number =>
      (100 * list.filter(wanted).length) / list.length;
    return {
      testS: seconds,
      targets: own.length,
      impostors: others.length,
      notSame: share(own, (value) => value < sureProbability),
      falseReject: share(own, (value) => value <= 1 - sureProbability),
      falseAccept: share(others, (value) => value >= sureProbability),
    };
  });
}
