/** Where sherpa-onnx publishes models; each is one archive with a folder of its own name. */
const releases = 'https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models';

export interface CatalogueModel {
  /** Ours: what people type. */
  readonly name: string;
  readonly archive: string;
  /** BCP 47; empty of a model for a hundred of them. */
  readonly languages: readonly string[];
  readonly licence: string;
  /** Of the archive or, where only that was found, of the files in it: for people, not for checks. */
  readonly aboutMb: number;
  /** What it is for, in a few words. */
  readonly note: string;
  /** Of the archive, where somebody of us has seen it. Else it is pinned when it is first pulled. */
  readonly sha256?: string;
}

const europe25 = 'bg hr cs da nl en et fi fr de el hu it lv lt mt pl pt ro ru sk sl es sv uk'.split(' ');

/**
 * Open models that sherpa-onnx runs. Names, languages, licences and sizes are as their publishers give them; none of them
 * has been run by us.
 */
export const catalogue: readonly CatalogueModel[] = [
  {
    name: 'zipformer-streaming-en',
    archive: 'sherpa-onnx-streaming-zipformer-en-2023-06-26',
    languages: ['en'],
    licence: 'Apache-2.0',
    aboutMb: 310,
    note: 'streaming transducer, LibriSpeech; word times and confidences, no punctuation',
  },
  {
    name: 'zipformer-streaming-en-20m',
    archive: 'sherpa-onnx-streaming-zipformer-en-20M-2023-02-17',
    languages: ['en'],
    licence: 'Apache-2.0',
    aboutMb: 122,
    note: 'small streaming transducer; word times and confidences, no punctuation',
  },
  {
    name: 'zipformer-streaming-fr',
    archive: 'sherpa-onnx-streaming-zipformer-fr-2023-04-14',
    languages: ['fr'],
    licence: 'Apache-2.0',
    aboutMb: 380,
    note: 'streaming transducer; word times and confidences, no punctuation',
  },
  {
    name: 'zipformer-gigaspeech-en',
    archive: 'sherpa-onnx-zipformer-gigaspeech-2023-12-12',
    languages: ['en'],
    licence: 'Apache-2.0',
    aboutMb: 335,
    note: 'transducer, 10,000 hours of varied speech; word times and confidences, no punctuation',
  },
  {
    name: 'parakeet-v2-en',
    archive: 'sherpa-onnx-nemo-parakeet-tdt-0.6b-v2-int8',
    languages: ['en'],
    licence: 'CC-BY-4.0',
    aboutMb: 485,
    note: 'the most accurate of these for English by its publisher; word times, punctuation; wants 1 GB a process',
  },
  {
    name: 'parakeet-v3',
    archive: 'sherpa-onnx-nemo-parakeet-tdt-0.6b-v3-int8',
    languages: europe25,
    licence: 'CC-BY-4.0',
    aboutMb: 487,
    note: '25 European languages in one; word times, punctuation; wants 1 GB a process',
  },
  {
    name: 'parakeet-110m-en',
    archive: 'sherpa-onnx-nemo-parakeet_tdt_ctc_110m-en-36000',
    languages: ['en'],
    licence: 'CC-BY-4.0',
    aboutMb: 460,
    note: 'CTC, not quantised; word times, punctuation',
  },
  {
    name: 'sense-voice',
    archive: 'sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17',
    languages: ['zh', 'en', 'ja', 'ko', 'yue'],
    licence: 'FunASR model licence',
    aboutMb: 1000,
    note: 'tells its languages apart; word times, punctuation',
  },
  {
    name: 'moonshine-tiny-v1-en',
    archive: 'sherpa-onnx-moonshine-tiny-en-int8',
    languages: ['en'],
    licence: 'MIT',
    aboutMb: 118,
    note: 'the packaged model in another export; punctuation, times worked out',
  },
  {
    name: 'moonshine-base-en',
    archive: 'sherpa-onnx-moonshine-base-en-int8',
    languages: ['en'],
    licence: 'MIT',
    aboutMb: 280,
    note: 'the larger Moonshine; punctuation, times worked out',
  },
  ...(
    [
      ['tiny.en', 110, true],
      ['base.en', 200, true],
      ['small.en', 610, true],
      ['tiny', 110, false],
      ['base', 200, false],
      ['small', 610, false],
      ['turbo', 540, false],
    ] as const
  ).map(([size, aboutMb, english]): CatalogueModel => ({
    name: `whisper-${size}`,
    archive: `sherpa-onnx-whisper-${size}`,
    languages: english ? ['en'] : [],
    licence: 'MIT',
    aboutMb,
    note: `${english ? 'English' : 'about 100 languages'}; punctuation, times worked out; slow: it always hears 30 s`,
  })),
];

export function archiveUrl({ archive }: CatalogueModel): string {
  return `${releases}/${archive}.tar.bz2`;
}
