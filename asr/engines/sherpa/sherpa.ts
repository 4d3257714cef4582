import { once } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import {
  requireSherpa,
  type OnlineRecognizer,
  type Recognizer,
  type SherpaOnnx,
  type SherpaResult,
} from '../../sherpa-onnx.ts';
import { upsample8to16 } from '../moonshine/resample.ts';
import { isSilent, isStockText } from '../moonshine/nothing-said.ts';
import { nothingSaid, resultOf, type Spoken } from '../spoken.ts';
import type { EngineAbilities, EngineRequest, EngineResult, RecogniserEngine } from '../types.ts';
import { moonshineTokensFile } from './moonshine-tokens.ts';
import { readModelFolder, type SherpaFolder, type SherpaKind } from './model-folder.ts';
import { wordsByTokens } from './token-times.ts';

export interface SherpaOptions {
  readonly name: string;
  readonly modelDir: string;
  readonly cacheDir: string;
  readonly threads: number;
  /** BCP 47: asked of models that know several; else they tell them apart by themselves. */
  readonly language?: string;
}

/** Less than this no model's first convolution can take. */
const leastSamples = 800;
/** A streaming model hears the end of a word only when something comes after it. 16 kHz. */
const tailSamples = 12_800;

const scored: readonly SherpaKind[] = ['streaming-transducer', 'transducer', 'nemo-transducer'];
/** Trained on subtitles, whose stock phrases they put to noise; and they tell no times. */
const subtitled: readonly SherpaKind[] = ['whisper', 'moonshine', 'moonshine-merged'];

/**
 * A model of a folder by sherpa-onnx-node, an optional dependency.
 * @throws SidetoneError `engine-missing`, `model-missing`, `model-broken`. A file that is whole and still not what
 *   sherpa-onnx takes may end the process: load in a process of its own.
 */
export async function loadSherpa(options: SherpaOptions): Promise<RecogniserEngine> {
  const folder = readModelFolder(options.modelDir);
  const sherpa = requireSherpa('this model');
  const tokens = folder.tokens ?? (await moonshineTokensFile(options.cacheDir));
  const recognise = open(sherpa, folder, tokens, options);
  const language = options.language ?? folder.language ?? 'en';
  return {
    name: options.name,
    language,
    abilities: abilitiesOf(folder.kind),
    recognise: (requests) => Promise.resolve(requests.map((request) => recogniseOne(request, folder.kind, recognise))),
    close: once(() => Promise.resolve()),
  };
}

function abilitiesOf(kind: SherpaKind): EngineAbilities {
  return { times: !subtitled.includes(kind), confidence: scored.includes(kind), drafts: false, phrases: false };
}

function open(
  sherpa: SherpaOnnx,
  folder: SherpaFolder,
  tokens: string,
  { threads, language }: SherpaOptions,
): (samples: Float32Array) => SherpaResult {
  const shared = { tokens, numThreads: threads, provider: 'cpu', debug: 0 };
  const config = { modelConfig: { ...shared, ...modelConfig(folder, language) }, decodingMethod: 'greedy_search' };
  try {
    if (!folder.kind.startsWith('streaming-')) return decodeWhole(new sherpa.OfflineRecognizer(config));
    return decodePieces(new sherpa.OnlineRecognizer({ ...config, enableEndpoint: false }));
  } catch (cause) {
    const files = Object.values(folder.files).join(', ');
    throw new SidetoneError('model-broken', `sherpa-onnx does not take ${files}: ${toError(cause).message}`, { cause });
  }
}

function modelConfig({ kind, files }: SherpaFolder, language: string | undefined): object {
  switch (kind) {
    case 'streaming-transducer':
    case 'transducer':
      return { transducer: files };
    case 'nemo-transducer':
      return { transducer: files, modelType: 'nemo_transducer' };
    case 'streaming-zipformer-ctc':
      return { zipformer2Ctc: files };
    case 'streaming-nemo-ctc':
    case 'nemo-ctc':
      return { nemoCtc: files };
    case 'zipformer-ctc':
      return { zipformerCtc: files };
    case 'wenet-ctc':
      return { wenetCtc: files };
    case 'sense-voice':
      return { senseVoice: { ...files, language: language ?? 'auto', useInverseTextNormalization: 1 } };
    case 'whisper':
      return { whisper: { ...files, language: language ?? '', task: 'transcribe' } };
    case 'moonshine':
    case 'moonshine-merged':
      return { moonshine: files };
    default:
      return kind satisfies never;
  }
}

function decodeWhole(recognizer: Recognizer): (samples: Float32Array) => SherpaResult {
  return (samples) => {
    const stream = recognizer.createStream();
    stream.acceptWaveform({ samples, sampleRate: 16_000 });
    recognizer.decode(stream);
    return recognizer.getResult(stream);
  };
}

function decodePieces(recognizer: OnlineRecognizer): (samples: Float32Array) => SherpaResult {
  return (samples) => {
    const stream = recognizer.createStream();
    stream.acceptWaveform({ samples, sampleRate: 16_000 });
    stream.acceptWaveform({ samples: new Float32Array(tailSamples), sampleRate: 16_000 });
    stream.inputFinished();
    while (recognizer.isReady(stream)) recognizer.decode(stream);
    return recognizer.getResult(stream);
  };
}

function recogniseOne(
  { pcm }: EngineRequest,
  kind: SherpaKind,
  recognise: (samples: Float32Array) => SherpaResult,
): EngineResult {
  if (pcm.length < leastSamples || isSilent(pcm)) return nothingSaid;
  const said = recognise(upsample8to16(pcm));
  if (subtitled.includes(kind) && isStockText(said.text)) return nothingSaid;
  return resultOf(spokenOf(said), pcm);
}

function spokenOf({
  text: raw,
  tokens = [],
  timestamps = [],
  durations = [],
  lang = '',
  ...scores
}: SherpaResult): Spoken {
  const text = withoutShouting(raw.trim());
  const logProbs = scores.ys_log_probs ?? scores.ys_probs ?? [];
  const words = wordsByTokens({ text, tokens, timestamps, durations, logProbs });
  const language = /[a-z]{2,3}/.exec(lang)?.[0];
  return { text, ...(words === undefined ? {} : { words }), ...(language === undefined ? {} : { language }) };
}

/** Some vocabularies have capitals only; whole calls in capitals nobody wants to read. */
function withoutShouting(text: string): string {
  return /\p{Ll}/u.test(text) ? text : text.toLowerCase();
}
