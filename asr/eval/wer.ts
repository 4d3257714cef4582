import type { EngineResult, RecogniserEngine } from '../engines/types.ts';
import { alignWords, type Alignment } from '../text/align.ts';
import { normaliseWords } from '../text/normalise.ts';
import { rate, rateInterval, type Interval, type Tally } from './bootstrap.ts';
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
  /** Of `wer`, over utterances. */
  readonly interval: Interval;
  /** The digits among the words by themselves; null where none is said. */
  readonly digits: DigitErrors | null;
  /** Utterances of which no word was recognised. */
  readonly empty: number;
  readonly audioS: number;
  /** CPU time of this process while the engine was at work, all its threads together. */
  readonly cpuS: number;
  /** One an utterance, in the order of the corpus. */
  readonly tallies: readonly Tally[];
}

export interface DigitErrors {
  readonly said: number;
  /** Digits lost, heard as something else, or heard where none was said. */
  readonly errors: number;
  /** In percent of those said. */
  readonly rate: number;
  readonly interval: Interval;
}

export interface WerOptions {
  /** At most so many utterances of each corpus, spread evenly over it. */
  readonly limit?: number;
  /** Only rows of this `split`, where a manifest tells splits apart. */
  readonly split?: string;
  readonly onProgress?: (progress: { readonly corpus: string; readonly done: number; readonly total: number }) => void;
  /** Hears of each utterance how it was recognised. */
  readonly onUtterance?: (heard: {
    readonly corpus: string;
    readonly utterance: Utterance;
    readonly result: EngineResult;
    readonly alignment: Alignment;
  }) => void;
}

const batchSize = 8;
const nothing: EngineResult = { text: '', tokens: [], words: [], confidence: 0, empty: true };

/** Word error rates of an engine over the corpora in a folder (utterances.ts). Each utterance is one segment. */
export async function evaluateWer(
  folder: string,
  engine: RecogniserEngine,
  options: WerOptions = {},
): Promise<{ corpora: CorpusErrors[] }> {
  const corpora: CorpusErrors[] = [];
  for (const { name, utterances } of await readCorpora(folder, options.split)) {
    const chosen = spread(utterances, options.limit ?? utterances.length);
    const alignments: Alignment[] = [];
    const sum = { empty: 0, audioS: 0, cpuS: 0 };
    for (let start = 0; start < chosen.length; start += batchSize) {
      const batch = chosen.slice(start, start + batchSize);
      const audio = await Promise.all(batch.map(({ path }) => readTelephoneAudio(path)));
      const before = process.cpuUsage();
      const results = await engine.recognise(audio.map((pcm) => ({ pcm, speechSeen: true, purpose: 'final' })));
      const used = process.cpuUsage(before);
      sum.cpuS += (used.user + used.system) / 1e6;
      batch.forEach((utterance, index) => {
        const result = results[index] ?? nothing;
        const alignment = alignWords(normaliseWords(utterance.text), normaliseWords(result.text));
        alignments.push(alignment);
        sum.audioS += (audio[index]?.length ?? 0) / 8000;
        if (result.empty) sum.empty++;
        options.onUtterance?.({ corpus: name, utterance, result, alignment });
      });
      options.onProgress?.({ corpus: name, done: start + batch.length, total: chosen.length });
    }
    corpora.push({ corpus: name, utterances: chosen.length, ...errorsOf(alignments), ...sum });
  }
  return { corpora };
}

type Counted = Omit<CorpusErrors, 'corpus' | 'utterances' | 'empty' | 'audioS' | 'cpuS'>;

function errorsOf(alignments: readonly Alignment[]): Counted {
  const total = (count: (alignment: Alignment) => number): number =>
    alignments.reduce((sum, alignment) => sum + count(alignment), 0);
  const tallies = alignments.map(({ pairs, substitutions, deletions, insertions }): Tally => ({
    errors: substitutions + deletions + insertions,
    of: pairs.length - insertions,
  }));
  return {
    words: tallies.reduce((sum, { of }) => sum + of, 0),
    substitutions: total((each) => each.substitutions),
    deletions: total((each) => each.deletions),
    insertions: total((each) => each.insertions),
    wer: rate(tallies),
    interval: rateInterval(tallies),
    digits: digitErrorsOf(alignments),
    tallies,
  };
}

function digitErrorsOf(alignments: readonly Alignment[]): DigitErrors | null {
  const tallies = alignments.map(digitTally);
  const said = tallies.reduce((sum, { of }) => sum + of, 0);
  if (said === 0) return null;
  const errors = tallies.reduce((sum, each) => sum + each.errors, 0);
  return { said, errors, rate: rate(tallies), interval: rateInterval(tallies) };
}

const isDigit = (word: string | undefined): boolean => word !== undefined && /^\d$/.test(word);

function digitTally({ pairs }: Alignment): Tally {
  const said = pairs.filter(({ reference }) => isDigit(reference));
  const wrong = said.filter(({ reference, heard }) => reference !== heard);
  const added = pairs.filter(({ reference, heard }) => reference === undefined && isDigit(heard));
  return { errors: wrong.length + added.length, of: said.length };
}

function spread<Item>(items: readonly Item[], limit: number): readonly Item[] {
  if (items.length <= limit) return items;
  return Array.from({ length: limit }, (_, index) => items[Math.floor((index * items.length) / limit)] as Item);
}
