import { createLogger } from '#lib/log.ts';
import { seededRandom } from '#lib/testing/random.ts';
import { conversation, type Recording } from '../../eval/der-recordings.ts';
import { scoreDiarization } from '../../eval/der-score.ts';
import { Diarizer } from '../../speakers/diarization/diarizer.ts';
import { clusterOptions } from '../../speakers/diarization/voices.ts';
import type { SpeakerModel } from '../../speakers/types.ts';
import { loadSileroVad, vadFrameSamples, type Vad } from '../../vad/silero.ts';

/** A speaker that was not trained on, as a telephone hears him. */
export interface HeldBackVoice {
  readonly speaker: string;
  readonly corpus: string;
  readonly pcm: Int16Array;
}

const candidates = Array.from({ length: 15 }, (_, index) => (20 + 3 * index) / 100);
const windowsAtOnce = 16;
const collarS = 0.25;
/** Few voices give an uneven curve: errors so far above the least are taken for as good. */
const asGoodPoints = 1;

/**
 * The mean cosine under which two groups of vectors are best taken for two voices: the middle of those with the least
 * diarization error over a recording of every two speakers of a corpus and of each speaker alone.
 */
export async function clusteringThreshold(model: SpeakerModel, voices: readonly HeldBackVoice[]): Promise<number> {
  const logger = createLogger('info', 'speaker-training');
  const vad = await loadSileroVad();
  const sums = candidates.map((sameVoice) => ({ sameVoice, wrongS: 0, speechS: 0, rightCount: 0 }));
  for (const recording of recordingsOf(voices)) {
    const diarizers = candidates.map((sameVoice) => new Diarizer(clusterOptions({ sameVoice })));
    await hear(recording.pcm, diarizers, model, vad);
    sums.forEach((sum, index) => {
      const found = (diarizers[index]?.turns ?? []).map(({ startSample, endSample, voice }) => ({
        startS: startSample / 8000,
        endS: endSample / 8000,
        speaker: String(voice),
      }));
      const score = scoreDiarization(recording.turns, found, recording.pcm.length / 8000, collarS);
      sum.wrongS += score.missed + score.falseAlarm + score.confused;
      sum.speechS += score.speech;
      if (speakersOf(found) === speakersOf(recording.turns)) sum.rightCount++;
    });
  }
  await vad.close();
  for (const { sameVoice, wrongS, speechS, rightCount } of sums) {
    logger.info({ sameVoice, errorPercent: (100 * wrongS) / speechS, rightCount }, 'clustering threshold');
  }
  const shareOf = ({ wrongS, speechS }: { readonly wrongS: number; readonly speechS: number }): number =>
    (100 * wrongS) / speechS;
  const least = Math.min(...sums.map(shareOf));
  const good = sums.filter((sum) => shareOf(sum) <= least + asGoodPoints);
  return good[good.length >> 1]?.sameVoice ?? Number.NaN;
}

const speakersOf = (turns: readonly { readonly speaker: string }[]): number =>
  new Set(turns.map(({ speaker }) => speaker)).size;

function* recordingsOf(voices: readonly HeldBackVoice[]): Generator<Recording> {
  const random = seededRandom(1110);
  for (const [index, { speaker, corpus, pcm }] of voices.entries()) {
    const half = pcm.length >> 1;
    const alone: [string, Int16Array][] = [
      [speaker, pcm.subarray(0, half)],
      [speaker, pcm.subarray(half)],
    ];
    yield conversation(speaker, alone, random);
    for (const other of voices.slice(index + 1)) {
      if (other.corpus !== corpus) continue;
      const both: [string, Int16Array][] = [
        [speaker, pcm],
        [other.speaker, other.pcm],
      ];
      yield conversation(`${speaker}-${other.speaker}`, both, random);
    }
  }
}

/** All diarizers ask for the same vectors: they differ in what they make of them. */
async function hear(pcm: Int16Array, diarizers: readonly Diarizer[], model: SpeakerModel, vad: Vad): Promise<void> {
  const embed = async (): Promise<void> => {
    while ((diarizers[0]?.waiting ?? 0) > 0) {
      const taken = diarizers.map((each) => each.take(windowsAtOnce));
      const vectors = await model.embed((taken[0] ?? []).map((window) => window.pcm));
      diarizers.forEach((each, index) =>
        taken[index]?.forEach((window, row) => each.embedded(window, vectors[row] ?? new Float32Array(0))),
      );
    }
  };
  const stream = vad.createStream();
  for (let offset = 0; offset + vadFrameSamples <= pcm.length; offset += vadFrameSamples) {
    const [probability = 0] = await vad.detect([{ stream, pcm, offset }]);
    const frame = pcm.subarray(offset, offset + vadFrameSamples);
    for (const each of diarizers) each.heard(offset, frame, probability);
    await embed();
  }
  for (const each of diarizers) each.pause();
  await embed();
}
