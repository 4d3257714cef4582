import { existsSync, readdirSync, openSync, readSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';
import { readModelFacts, type ModelFacts } from '../onnx-format/file-facts.ts';

export const sherpaKinds = [
  'streaming-transducer',
  'streaming-zipformer-ctc',
  'streaming-nemo-ctc',
  'transducer',
  'nemo-transducer',
  'nemo-ctc',
  'zipformer-ctc',
  'wenet-ctc',
  'sense-voice',
  'whisper',
  'moonshine',
  'moonshine-merged',
] as const;
export type SherpaKind = (typeof sherpaKinds)[number];

/** A folder that sherpa-onnx can recognise with: paths by sherpa's own names for them. */
export interface SherpaFolder {
  readonly kind: SherpaKind;
  readonly files: Readonly<Record<string, string>>;
  /** Absent beside a merged Moonshine, whose tokens are known. */
  readonly tokens: string | undefined;
  /** Of a model for one language, as far as its files tell. */
  readonly language: string | undefined;
}

/**
 * What lies in a folder, by the names that sherpa-onnx's releases give their files and by what the files say of
 * themselves. Of a file in several precisions the 8-bit one.
 * @throws SidetoneError `model-missing` (no such folder, or none of the models we know), `model-broken` (names the file)
 */
export function readModelFolder(folder: string): SherpaFolder {
  const names = listModels(folder);
  const pick = (pattern: RegExp): string | undefined => {
    const found = names.filter((name) => pattern.test(name));
    const best =
      found.find((name) => name.includes('int8')) ?? found.find((name) => !name.includes('fp16')) ?? found[0];
    return best === undefined ? undefined : join(folder, best);
  };
  const tokens = readdirSync(folder).find((name) => /(^|[-_])tokens\.txt$/.test(name));
  const found = sortFiles(pick);
  if (found === undefined) {
    throw new SidetoneError('model-missing', `${folder} holds no model of a kind that is known here`);
  }
  const facts = Object.fromEntries(Object.entries(found.files).map(([role, path]) => [role, factsOf(path)]));
  const kind = kindOf(found.shape, facts);
  if (tokens === undefined && kind !== 'moonshine-merged') {
    throw new SidetoneError('model-missing', `${folder} holds no tokens.txt`);
  }
  return {
    kind,
    files: found.files,
    tokens: tokens === undefined ? undefined : join(folder, tokens),
    language: languageOf(kind, folder, facts),
  };
}

function listModels(folder: string): string[] {
  if (!existsSync(folder)) throw new SidetoneError('model-missing', `no recogniser model at ${folder}`);
  return readdirSync(folder)
    .filter((name) => /\.(onnx|ort)$/.test(name))
    .sort();
}

type Shape = 'transducer' | 'single' | 'whisper' | 'moonshine' | 'moonshine-merged';

function sortFiles(
  pick: (pattern: RegExp) => string | undefined,
): { readonly shape: Shape; readonly files: Record<string, string> } | undefined {
  const all = (shape: Shape, wanted: Readonly<Record<string, string | undefined>>) =>
    Object.values(wanted).includes(undefined) ? undefined : { shape, files: wanted as Record<string, string> };
  const encoder = pick(/encoder/);
  const merged = pick(/decoder_model_merged|merged_decoder/);
  return (
    all('moonshine-merged', { encoder, mergedDecoder: merged }) ??
    all('transducer', { encoder, decoder: pick(/decoder/), joiner: pick(/joiner/) }) ??
    all('moonshine', {
      preprocessor: pick(/^preprocess/),
      encoder: pick(/^encode[.-]/),
      uncachedDecoder: pick(/^uncached_decode/),
      cachedDecoder: pick(/^cached_decode/),
    }) ??
    all('whisper', { encoder, decoder: pick(/decoder/) }) ??
    all('single', { model: pick(/^(model|ctc)[.-]|[.-]ctc[.-]|\.onnx$/) })
  );
}

/** An .ort file is a flatbuffer that begins with its identifier after four bytes; no more of it is read. */
function factsOf(path: string): ModelFacts {
  if (!path.endsWith('.ort')) return readModelFacts(path);
  const head = Buffer.alloc(8);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, 8, 0);
  } finally {
    closeSync(file);
  }
  if (head.toString('latin1', 4) !== 'ORTM') throw new SidetoneError('model-broken', `${path} is not a whole ORT file`);
  return { inputs: [], metadata: {} };
}

/** Encoders that are fed piece by piece take what they remember as inputs. */
const memory = /^(cached?_|state|embed_states|processed_lens|new_cached|h$|c$)/;

function kindOf(shape: Shape, facts: Readonly<Record<string, ModelFacts>>): SherpaKind {
  const main = facts['model'] ?? facts['encoder'];
  const type = main?.metadata['model_type'] ?? '';
  const streaming = main?.inputs.some((input) => memory.test(input)) === true;
  const nemo = type.startsWith('EncDec');
  if (shape === 'transducer') return streaming ? 'streaming-transducer' : nemo ? 'nemo-transducer' : 'transducer';
  if (shape !== 'single') return shape;
  if (streaming) return nemo ? 'streaming-nemo-ctc' : 'streaming-zipformer-ctc';
  if (nemo) return 'nemo-ctc';
  if (type.includes('sense_voice') || main?.inputs.includes('text_norm') === true) return 'sense-voice';
  return type.includes('wenet') ? 'wenet-ctc' : 'zipformer-ctc';
}

function languageOf(kind: SherpaKind, folder: string, facts: Readonly<Record<string, ModelFacts>>): string | undefined {
  const { metadata = {} } = facts['model'] ?? facts['encoder'] ?? {};
  if (kind === 'whisper') return metadata['is_multilingual'] === '0' || /\.en\b/.test(folder) ? 'en' : undefined;
  if (kind === 'sense-voice') return undefined;
  const said = metadata['language']?.toLowerCase();
  if (said !== undefined && /^[a-z]{2}$/.test(said)) return said;
  return said === 'english' ? 'en' : undefined;
}
