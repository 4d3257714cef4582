import { parentPort } from 'node:worker_threads';
import { SidetoneError } from '#lib/errors.ts';
import { sampleRateHz } from '../../types.ts';
import { answer, type Handlers, type RpcRequest } from '../../worker/rpc.ts';
import { readAudioFile, type AudioFile } from './audio-file.ts';
import type { SoundContract } from './sound-contract.ts';
import { hashFile, surveyFile } from './survey.ts';

/** The entry of the thread that reads and decodes files of sound, away from SIP and RTP. Readers take turns. */
const port = parentPort;
if (port === null) throw new Error('sound-worker.ts runs as a worker thread');

interface Reader {
  readonly file: AudioFile;
  readonly blocks: AsyncIterator<Int16Array<ArrayBuffer>[]>;
}
const readers = new Map<number, Reader>();

const handlers: Handlers<SoundContract> = {
  hash: ({ path }) => hashFile(path),
  survey: ({ path }) => surveyFile(path),
  open: async ({ reader, path }) => {
    const file = await readAudioFile(path);
    readers.set(reader, { file, blocks: file.blocks[Symbol.asyncIterator]() });
  },
  next: ({ reader }) => nextSecond(readers.get(reader)),
  close: async ({ reader }) => {
    const closing = readers.get(reader);
    readers.delete(reader);
    await closing?.blocks.return?.();
    await closing?.file.close();
  },
};
port.on('message', (request: RpcRequest) => {
  void answer(handlers, request, (reply) => port.postMessage(reply));
});

async function nextSecond(reader: Reader | undefined): Promise<Int16Array<ArrayBuffer>[] | null> {
  if (reader === undefined) throw new SidetoneError('not-found', 'no such reader');
  const parts: Int16Array[][] = Array.from({ length: reader.file.channels }, () => []);
  let samples = 0;
  while (samples < sampleRateHz) {
    const block = await reader.blocks.next();
    if (block.done === true) break;
    block.value.forEach((pcm, channel) => parts[channel]?.push(pcm));
    samples += block.value[0]?.length ?? 0;
  }
  return samples === 0 ? null : parts.map((each) => joined(each, samples));
}

function joined(parts: readonly Int16Array[], samples: number): Int16Array<ArrayBuffer> {
  const whole = new Int16Array(samples);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
