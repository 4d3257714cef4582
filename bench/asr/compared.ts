import { dirname } from 'node:path';
import { createLogger } from '#lib/log.ts';
import type { RecogniserEngine } from '../../asr/engines/types.ts';
import { findModelFiles } from '../../asr/engines/moonshine/model-files.ts';
import { Pocketsphinx } from './pocketsphinx.ts';

/** Recognisers that can be set beside ours, on the same weights but the last. */
export const comparedNames = ['ours', 'plain', 'sherpa', 'pocketsphinx'] as const;
export type ComparedName = (typeof comparedNames)[number];

export interface Compared {
  recognise(audio: readonly Int16Array[]): Promise<readonly string[]>;
  /** CPU seconds of a recogniser that works in a process of its own; else it is this process's. */
  readonly ownCpuS?: () => number;
}

export async function openCompared(name: ComparedName, cacheDir: string): Promise<Compared> {
  const logger = createLogger('warn');
  switch (name) {
    case 'ours': {
      const { loadMoonshine } = await import('../../asr/engines/moonshine/moonshine.ts');
      return byEngine(await loadMoonshine({ cacheDir, threads: 1, logger }));
    }
    case 'plain':
      return openPlain();
    case 'sherpa': {
      const { loadSherpa } = await import('../../asr/engines/sherpa/sherpa.ts');
      const modelDir = dirname((await findModelFiles()).encoderPath);
      return byEngine(await loadSherpa({ name, modelDir, cacheDir, threads: 1 }));
    }
    case 'pocketsphinx': {
      const peer = new Pocketsphinx();
      return { recognise: (audio) => peer.recognise(audio), ownCpuS: () => peer.cpuS };
    }
    default:
      return name satisfies never;
  }
}

/** All at once, as they would stand in the queue of a busy process: how they are batched is the engine's affair. */
function byEngine(engine: RecogniserEngine): Compared {
  return {
    recognise: async (audio) => {
      const results = await engine.recognise(audio.map((pcm) => ({ pcm, speechSeen: true, purpose: 'final' })));
      return results.map(({ text }) => text);
    },
  };
}

/** The graphs as they are shipped, one utterance at a time, nothing of our recipe: no padding, any first token. */
async function openPlain(): Promise<Compared> {
  const { loadPlainMoonshine } = await import('../../asr/engines/moonshine/plain.ts');
  return byEngine(await loadPlainMoonshine());
}
