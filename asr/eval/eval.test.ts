import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wavHeader } from '#lib/audio/wav-format.ts';
import { hasCode } from '#lib/errors.ts';
import { decodeOggOpus } from './ogg-opus.ts';
import { readCorpora, readTelephoneAudio } from './utterances.ts';

describe('sound files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidetone-sounds-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function heard(sampleRateHz: number, channels: number, pcm: Int16Array): Promise<Int16Array> {
    const path = join(folder, 'sound.wav');
    const header = wavHeader({ encoding: 'pcm16', sampleRateHz, channels }, pcm.byteLength);
    await writeFile(path, Buffer.concat([header, Buffer.from(pcm.buffer)]));
    return readTelephoneAudio(path);
  }

  test('any rate becomes 8 kHz, of two channels the first, as mu-law leaves it', async () => {
    const loud = Int16Array.of(1000, 9, -2000, 9, 32_000, 9);
    expect([...(await heard(8000, 2, loud))]).toEqual([988, -1980, 32_124]);
    const tone = Int16Array.from({ length: 4000 }, (_, n) => 8000 * Math.sin((2 * Math.PI * 1000 * n) / 16_000));
    const halved = await heard(16_000, 1, tone);
    expect(halved).toHaveLength(2000);
    for (let n = 100; n < 1900; n++) {
      expect(Math.abs((halved[n] ?? 0) - 8000 * Math.sin((2 * Math.PI * 1000 * n) / 8000))).toBeLessThan(200);
    }
  });

  test('torn files are refused', async () => {
    await expect(decodeOggOpus(Buffer.from('OggS'))).rejects.toThrow(RangeError);
    await expect(decodeOggOpus(Buffer.alloc(0))).rejects.toThrow(RangeError);
  });
});

describe('corpora', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidetone-corpora-'));
    await mkdir(join(folder, 'one'));
    await mkdir(join(folder, 'empty'));
    await writeFile(
      join(folder, 'one', 'manifest.jsonl'),
      '{"path":"a.wav","text":"yes","split":"test"}\n{"path":"b.wav","text":""}\n\n{"path":"c.wav","text":"no","split":"train"}\n',
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('are found one folder down, rows without text and of other splits left out', async () => {
    const [corpus, ...rest] = await readCorpora(folder, 'test');
    expect(rest).toEqual([]);
    expect(corpus).toEqual({ name: 'one', utterances: [{ path: join(folder, 'one', 'a.wav'), text: 'yes' }] });
    expect((await readCorpora(join(folder, 'one')))[0]?.utterances).toHaveLength(2);
  });

  test('mistakes are named', async () => {
    await expect(readCorpora(join(folder, 'empty'))).rejects.toSatisfy((error) => hasCode(error, 'bad-request'));
    await writeFile(join(folder, 'empty', 'manifest.jsonl'), '{"path":"a.wav"}\n');
    await expect(readCorpora(folder)).rejects.toThrow('line 1');
    await writeFile(join(folder, 'noise.wav'), 'no sound');
    await expect(readTelephoneAudio(join(folder, 'noise.wav'))).rejects.toSatisfy((error) =>
      hasCode(error, 'unsupported-audio'),
    );
  });
});
