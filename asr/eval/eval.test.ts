import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCode } from '#lib/errors.ts';
import { decodeMulaw, throughMulaw } from './mulaw.ts';
import { decodeOggOpus } from './ogg-opus.ts';
import { readCorpora, readTelephoneAudio } from './utterances.ts';
import { decodeWav } from './wav.ts';

function wav(rateHz: number, channels: number, pcm: Int16Array): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + pcm.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rateHz, 24);
  head.writeUInt16LE(2 * channels, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(pcm.byteLength, 40);
  return Buffer.concat([head, Buffer.from(pcm.buffer)]);
}

describe('mu-law', () => {
  test('the ends of the code range, as G.711 has them', () => {
    expect([0xff, 0x7f, 0x80, 0x00, 0xf0].map(decodeMulaw)).toEqual([0, -0, 32_124, -32_124, 120]);
  });

  test('the line changes a sample by half a step at most, and nothing a second time', () => {
    const all = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
    const once = throughMulaw(all);
    expect(throughMulaw(once)).toEqual(once);
    all.forEach((sample, index) => {
      const step = Math.max(4, (Math.abs(sample) + 132) / 32 + 1);
      const clipped = Math.max(-32_124, Math.min(32_124, sample));
      expect(Math.abs((once[index] ?? 0) - clipped)).toBeLessThanOrEqual(step);
    });
  });
});

describe('sound files', () => {
  const tone = (hz: number, rateHz: number): Int16Array =>
    Int16Array.from({ length: rateHz / 4 }, (_, n) => Math.round(8000 * Math.sin((2 * Math.PI * hz * n) / rateHz)));

  test('16 kHz is halved: what a telephone carries stays, what it does not goes', () => {
    const kept = decodeWav(wav(16_000, 1, tone(1000, 16_000)));
    expect(kept).toHaveLength(2000);
    for (let n = 100; n < 1900; n++) {
      expect(Math.abs((kept[n] ?? 0) - 8000 * Math.sin((2 * Math.PI * 1000 * n) / 8000))).toBeLessThan(200);
    }
    const gone = decodeWav(wav(16_000, 1, tone(6000, 16_000)));
    expect(Math.max(...gone.subarray(100, 1900))).toBeLessThan(200);
  });

  test('of two channels the first is taken', () => {
    expect([...decodeWav(wav(8000, 2, Int16Array.of(1, 9, 2, 9, 3, 9)))]).toEqual([1, 2, 3]);
  });

  test('other rates, other kinds and torn files are refused', async () => {
    expect(() => decodeWav(wav(44_100, 1, Int16Array.of(1)))).toThrow(RangeError);
    expect(() => decodeWav(Buffer.from('RIFF'))).toThrow(RangeError);
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
