import { wavHeader } from '#lib/audio/wav-format.ts';
import { once } from '#lib/closing.ts';
import { isSilent, isStockText } from '../moonshine/nothing-said.ts';
import { nothingSaid, resultOf, wordsIn, type Spoken, type SpokenWord } from '../spoken.ts';
import type { EngineRequest, EngineResult, RecogniserEngine } from '../types.ts';
import { transcribe, type EndpointOptions, type Transcription } from './transcription.ts';

/** The languages that such models know best, by their English names. */
const names = new Intl.DisplayNames('en', { type: 'language' });
const tagsByName = new Map(
  'en de fr es it pt nl pl ru uk cs sk sv da no fi hu ro bg hr sr sl el tr ar he fa hi ur bn ta zh ja ko vi th id ms'
    .split(' ')
    .map((tag) => [names.of(tag)?.toLowerCase() ?? tag, tag]),
);
const leastSamples = 800;
/** Requests that are under way at once. */
const atOnce = 4;
/** Above it an endpoint that says so heard no speech; its text is an invention (Whisper's own rule). */
const noSpeech = 0.6;
const unlikelyLogProb = -1;

/**
 * A transcription endpoint somewhere else. The audio of calls goes there as it is, before any redaction. Rejects with
 * `endpoint-failed`.
 */
export function openHttpEngine(options: EndpointOptions): RecogniserEngine {
  const language = options.language ?? 'en';
  return {
    name: `${options.model} at ${new URL(options.url).host}`,
    language,
    abilities: { times: true, confidence: false, drafts: false, phrases: false },
    recognise: async (requests) => {
      const results: EngineResult[] = requests.map(() => nothingSaid);
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < requests.length) {
          const index = next;
          next += 1;
          results[index] = await recogniseOne(requests[index] as EngineRequest, options);
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, requests.length) }, work));
      return results;
    },
    close: once(() => Promise.resolve()),
  };
}

async function recogniseOne({ pcm }: EngineRequest, options: EndpointOptions): Promise<EngineResult> {
  if (pcm.length < leastSamples || isSilent(pcm)) return nothingSaid;
  const said = await transcribe(wavOf(pcm), options);
  if (isStockText(said.text) || heardNothing(said)) return nothingSaid;
  return resultOf(spokenOf(said), pcm);
}

function wavOf(pcm: Int16Array): Uint8Array {
  const header = wavHeader({ encoding: 'pcm16', sampleRateHz: 8000, channels: 1 }, 2 * pcm.length);
  return Buffer.concat([header, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)]);
}

function heardNothing({ segments = [] }: Transcription): boolean {
  return (
    segments.length > 0 &&
    segments.every(
      ({ no_speech_prob: none = 0, avg_logprob: likely = 0 }) => none > noSpeech && likely < unlikelyLogProb,
    )
  );
}

/** Endpoints time words without their punctuation: the text's own words are shown where they are as many. */
function spokenOf(said: Transcription): Spoken {
  const tag = tagOf(said.language);
  const language = tag === undefined ? {} : { language: tag };
  const timed = said.words;
  if (timed === undefined || timed.length === 0) return { text: said.text, ...language };
  const written = wordsIn(said.text);
  const words = timed.map(({ word, start, end }, index): SpokenWord => ({
    text: written.length === timed.length ? (written[index] ?? word) : word.trim(),
    startSample: Math.round(start * 8000),
    endSample: Math.round(end * 8000),
  }));
  return { text: said.text, words, ...language };
}

/** Endpoints say `en`, or `english` as OpenAI's does. */
function tagOf(language: string | undefined): string | undefined {
  if (language === undefined) return undefined;
  return /^[a-z]{2,3}$/.test(language) ? language : tagsByName.get(language.toLowerCase());
}
