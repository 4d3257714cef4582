import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { upsample8to16 } from '../../asr/engines/moonshine/resample.ts';

const model = '/usr/share/pocketsphinx/model/en-us';

/** Debian's pocketsphinx 0.8 with its own English model, language model and dictionary, all at their defaults. */
export class Pocketsphinx {
  /** CPU seconds of its own process, as it says itself, loading left out. */
  cpuS = 0;

  async recognise(audio: readonly Int16Array[]): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'pocketsphinx-'));
    try {
      const names = audio.map((_, index) => `utterance-${index}`);
      for (const [index, name] of names.entries()) {
        const samples = Int16Array.from(upsample8to16(audio[index] ?? new Int16Array(0)), (each) => each * 32768);
        await writeFile(join(folder, `${name}.raw`), samples);
      }
      const [list, texts] = [join(folder, 'list'), join(folder, 'texts')];
      await writeFile(list, names.map((name) => `${name}\n`).join(''));
      const settings = {
        hmm: join(model, 'en-us'),
        lm: join(model, 'en-us.lm.bin'),
        dict: join(model, 'cmudict-en-us.dict'),
        adcin: 'yes',
        cepdir: folder,
        cepext: '.raw',
        ctl: list,
        hyp: texts,
      };
      const flags = Object.entries(settings).flatMap(([key, value]) => [`-${key}`, value]);
      const { stderr } = await promisify(execFile)('pocketsphinx_batch', flags, { maxBuffer: 2 ** 28 });
      this.cpuS = Number(/TOTAL [\d.]+ seconds speech, ([\d.]+) seconds CPU/.exec(stderr)?.[1] ?? Number.NaN);
      const heard = new Map(
        (await readFile(texts, 'utf8')).split('\n').map((line): [string, string] => {
          const [, text = '', name = ''] = /^(.*?) ?\((utterance-\d+) -?\d+\)$/.exec(line) ?? [];
          return [name, text];
        }),
      );
      return names.map((name) => heard.get(name) ?? '');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
