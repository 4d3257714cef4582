import type { RecogniserEngine } from '../engines/types.ts';
import { alignWords, type Alignment } from '../text/align.ts';
import { normaliseWords } from '../text/normalise.ts';
import { readCorpora, readTelephoneAudio, type Utterance } from './utterances.ts';

export interface CorpusErrors {
  readonly corpus: string;
  readonly utterances: number;
  /** Of the reference, as normalise.ts counts them. */
  readonly words: number;
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
  /** Word error rate in percent. */
  readonly wer: number;
  /** Utterances of which no word was recognised. */
  readonly empty: number;
}

export interface WerOptions {
  /** At most so many utterances of each corpus, spread evenly over it. */
  readonly limit?: number;
  /** Only rows of this `split`, where a manifest tells splits apart. */
  readonly split?: string;
  readonly onProgress?: (progress: { readonly corpus: string; readonly done: number; readonly total: number }) => void;
  /** Hears of each utterance how it was recognised. */
  readonly onUtterance?: (utterance: Utterance, heard: string, alignment: Alignment) => void;
}

const batchSize = 8;

/** Word error rates of an engine over the corpora in a folder (utterances.ts). Each utterance is one segment. */
export async function evaluateWer(
  folder: string,
  engine: RecogniserEngine,
  options: WerOptions = {},
): Promise<{ corpora: CorpusErrors[] }> {
  const corpora: CorpusErrors[] = [];
  for (const { name, utterances } of await readCorpora(folder, options.split)) {
    const chosen = spread(utterances, options.limit ?? utterances.length);
    const sum = { words: 0, substitutions: 0, deletions: 0, insertions: 0, empty: 0 };
    for (let start = 0; start < chosen.length; start += batchSize) {
      const batch = chosen.slice(start, start + batchSize);
      const audio = await Promise.all(batch.map(({ path }) => readTelephoneAudio(path)));
      const results = await engine.recognise(audio.map((pcm) => ({ pcm, speechSeen: true, purpose: 'final' })));
      batch.forEach((utterance, index) => {
        const heard = results[index]?.text ?? '';
        const reference = normaliseWords(utterance.text);
        const alignment = alignWords(reference, normaliseWords(heard));
        sum.words += reference.length;
        sum.substitutions += alignment.substitutions;
        sum.deletions += alignment.deletions;
        sum.insertions += alignment.insertions;
        if (results[index]?.empty !== false) sum.empty++;
        options.onUtterance?.(utterance, heard, alignment);
      });
      options.onProgress?.({ corpus: name, done: start + batch.length, total: chosen.length });
    }
    const errors = sum.substitutions + sum.deletions + sum.insertions;
    corpora.push({ corpus: name, utterances: chosen.length, ...sum, wer: (100 * errors) / Math.max(1, sum.words) });
  }
  return { corpora };
}

function spread<Item>(items: readonly Item[], limit: number): readonly Item[] {
  if (items.length <= limit) return items;
  return Array.from({ length: limit }, (_, index) => items[Math.floor((index * items.length) / limit)] as Item);
}
