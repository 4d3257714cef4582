import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeG711, decodeG711 } from '#lib/audio/g711.ts';
import { oggOpus, oggPage } from '../../testing/ogg.ts';
import { opusMono440, opusStereo440And1000 } from '../../testing/opus-packets.ts';
import { tinyFlac, tinyMp3 } from '../../testing/tiny-sound-files.ts';
import { tone, toneShare } from '#lib/testing/tones.ts';
import { readAudioFile, type AudioFile } from './audio-file.ts';
import { AudioFileFault } from './fault.ts';

const fuzzRuns = Number(process.env['FUZZ_RUNS'] ?? 60);

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidetone-audio-'));
  path = join(folder, 'sound');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function whole(
  bytes: Uint8Array,
): Promise<Omit<AudioFile, 'blocks' | 'readThrough' | 'close'> & { channelPcm: Int16Array[] }> {
  await writeFile(path, bytes);
  const file = await readAudioFile(path);
  try {
    const parts: Int16Array[][] = Array.from({ length: file.channels }, () => []);
    for await (const block of file.blocks) block.forEach((pcm, channel) => parts[channel]?.push(pcm));
    const { container, channels, sampleRateHz, durationS } = file;
    return {
      container,
      channels,
      sampleRateHz,
      durationS,
      channelPcm: parts.map((each) => Int16Array.from(each.flatMap((pcm) => [...pcm]))),
    };
  } finally {
    await file.close();
  }
}

function fault(bytes: Uint8Array): Promise<AudioFileFault> {
  return whole(bytes).then(
    () => expect.fail('the file was taken'),
    (thrown: unknown) => {
      expect(thrown).toBeInstanceOf(AudioFileFault);
      return thrown as AudioFileFault;
    },
  );
}

interface WavParts {
  readonly tag: number;
  readonly bits: number;
  readonly channels?: number;
  readonly sampleRateHz?: number;
  readonly data: Uint8Array;
  readonly told?: number;
  readonly riff?: 'RIFF' | 'RF64';
  readonly before?: Uint8Array;
  readonly extensible?: boolean;
}

function wav(parts: WavParts): Buffer {
  const { tag, bits, channels = 1, sampleRateHz = 8000, data, told = data.length, riff = 'RIFF' } = parts;
  const format = Buffer.alloc(parts.extensible === true ? 40 : 16);
  format.writeUInt16LE(parts.extensible === true ? 0xfffe : tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRateHz, 4);
  format.writeUInt32LE((sampleRateHz * channels * bits) / 8, 8);
  format.writeUInt16LE((channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  if (parts.extensible === true) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(bits, 18);
    format.writeUInt16LE(tag, 24);
  }
  const head = Buffer.concat([Buffer.from(`${riff}\0\0\0\0WAVE`, 'latin1'), parts.before ?? new Uint8Array(0)]);
  return Buffer.concat([head, chunk('fmt ', format), chunk('data', data, told)]);
}

function chunk(id: string, body: Uint8Array, told = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  head.writeUInt32LE(told, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

const sound = tone(440, 4001, 12_000);
const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const s16 = bytesOf(sound);

describe('WAV', () => {
  const u8 = Uint8Array.from(sound, (sample) => (sample >> 8) + 128);
  const s24 = Uint8Array.from([...sound].flatMap((sample) => [0x7f, sample & 255, (sample >> 8) & 255]));
  const s32 = Uint8Array.from([...sound].flatMap((sample) => [1, 2, sample & 255, (sample >> 8) & 255]));
  test.each<readonly [string, WavParts, Int16Array]>([
    ['8 bit', { tag: 1, bits: 8, data: u8 }, sound.map((sample) => sample & ~255)],
    ['16 bit', { tag: 1, bits: 16, data: s16 }, sound],
    ['24 bit', { tag: 1, bits: 24, data: s24 }, sound],
    ['32 bit', { tag: 1, bits: 32, data: s32 }, sound],
    ['float', { tag: 3, bits: 32, data: bytesOf(Float32Array.from(sound, (sample) => sample / 32_768)) }, sound],
    ['double', { tag: 3, bits: 64, data: bytesOf(Float64Array.from(sound, (sample) => sample / 32_768)) }, sound],
    ['mu-law', { tag: 7, bits: 8, data: encodeG711('pcmu', sound) }, decodeG711('pcmu', encodeG711('pcmu', sound))],
    ['A-law', { tag: 6, bits: 8, data: encodeG711('pcma', sound) }, decodeG711('pcma', encodeG711('pcma', sound))],
    ['WAVE_FORMAT_EXTENSIBLE', { tag: 1, bits: 16, data: s16, extensible: true }, sound],
  ])('%s', async (_, parts, expected) => {
    const read = await whole(wav(parts));
    expect(read).toMatchObject({ container: 'wav', channels: 1, sampleRateHz: 8000, durationS: 4001 / 8000 });
    expect(read.channelPcm).toEqual([expected]);
  });

  test('two channels, other chunks before the samples, and some behind', async () => {
    const both = Int16Array.from({ length: 8000 }, (_, n) =>
      n % 2 === 0 ? (sound[n >> 1] ?? 0) : -(sound[n >> 1] ?? 0),
    );
    const file = wav({ tag: 1, bits: 16, channels: 2, data: bytesOf(both), before: chunk('LIST', new Uint8Array(71)) });
    const read = await whole(Buffer.concat([file, chunk('id3 ', new Uint8Array(40).fill(9))]));
    expect(read.channelPcm).toEqual([sound.subarray(0, 4000), sound.subarray(0, 4000).map((sample) => -sample)]);
  });

  test.each([
    ['longer than the file', 99_999],
    ['never filled in', 0],
    ['not known', 0xffff_ffff],
  ])('a length of the samples that is %s: they go to the end of the file', async (_, told) => {
    expect((await whole(wav({ tag: 1, bits: 16, data: s16, told }))).channelPcm).toEqual([sound]);
    const odd = Buffer.concat([wav({ tag: 1, bits: 16, data: s16, told }), Uint8Array.of(1)]);
    expect((await whole(odd)).channelPcm).toEqual([sound]);
  });

  test('RF64: the length stands in its own chunk', async () => {
    const long = Buffer.alloc(28);
    long.writeBigUInt64LE(4000n, 8);
    const parts = {
      tag: 1,
      bits: 16,
      data: s16,
      told: 0xffff_ffff,
      riff: 'RF64',
      before: chunk('ds64', long),
    } as const;
    expect((await whole(wav(parts))).channelPcm).toEqual([sound.subarray(0, 2000)]);
  });

  test.each<readonly [string, Buffer, RegExp, number]>([
    ['GSM', wav({ tag: 0x31, bits: 8, data: s16 }), /GSM 6.10/, 12],
    ['three channels', wav({ tag: 1, bits: 16, channels: 3, data: s16 }), /3 channels/, 44],
    ['a rate of 96 kHz', wav({ tag: 1, bits: 16, sampleRateHz: 96_000, data: s16 }), /96000 Hz/, 44],
    ['a format cut off', wav({ tag: 1, bits: 16, data: s16 }).subarray(0, 30), /longer than the file/, 12],
    ['no samples', wav({ tag: 1, bits: 16, data: s16 }).subarray(0, 36), /without samples/, 36],
  ])('%s is refused, with the place', async (_, bytes, message, offsetBytes) => {
    const refused = await fault(bytes);
    expect(refused.message).toMatch(message);
    expect(refused.offsetBytes).toBe(offsetBytes);
    expect(refused.message).toContain(`at byte ${offsetBytes}`);
  });
});

describe('FLAC', () => {
  test('both channels', async () => {
    const read = await whole(tinyFlac);
    expect(read).toMatchObject({ container: 'flac', channels: 2, sampleRateHz: 8000, durationS: 0.096 });
    expect(read.channelPcm.map((pcm) => pcm.length)).toEqual([768, 768]);
    expect(toneShare(read.channelPcm[0] as Int16Array, 440)).toBeGreaterThan(0.98);
  });

  test('behind an ID3 tag', async () => {
    const tag = Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 1, 2, ...Array<number>(130).fill(7));
    expect((await whole(Buffer.concat([tag, tinyFlac]))).channelPcm).toEqual((await whole(tinyFlac)).channelPcm);
  });

  test('a wrong bit anywhere in the sound is found, with its frame and time', async () => {
    for (let at = 42; at < tinyFlac.length; at += 13) {
      const damaged = Uint8Array.from(tinyFlac);
      damaged[at] = (damaged[at] as number) ^ 0x10;
      const { offsetBytes, atMs } = await fault(damaged);
      expect(offsetBytes).toBeLessThanOrEqual(at);
      expect([0, 32, 64]).toContain(atMs);
    }
  });

  test('cut anywhere in the sound it is refused', async () => {
    for (let length = 42; length < tinyFlac.length; length += 17) {
      expect((await fault(tinyFlac.subarray(0, length))).message).toMatch(/breaks off|ends early/);
    }
  });
});

describe('MP3', () => {
  test('one channel, without the encoder delay', async () => {
    const read = await whole(tinyMp3);
    expect(read).toMatchObject({ container: 'mp3', channels: 1, sampleRateHz: 8000 });
    const [pcm = new Int16Array(0)] = read.channelPcm;
    expect(pcm.length).toBe(3200);
    expect(toneShare(pcm.subarray(800), 440)).toBeGreaterThan(0.95);
  });

  test('between tags', async () => {
    const tag = Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 9, ...Array<number>(9).fill(0xff));
    const end = Buffer.alloc(128);
    end.write('TAG');
    expect((await whole(Buffer.concat([tag, tinyMp3, end]))).channelPcm).toEqual((await whole(tinyMp3)).channelPcm);
  });

  test('what is no frame, in the midst, is found; and an end that comes too early', async () => {
    const damaged = Uint8Array.from(tinyMp3);
    // The encoder's own frame has 216 bytes, each of sound 72.
    damaged[288] = 0;
    expect(await fault(damaged)).toMatchObject({ offsetBytes: 288, atMs: 72 });
    expect((await fault(tinyMp3.subarray(0, 72 * 5))).message).toMatch(/ends early: it should last 0\.6 s/);
  });
});

describe('Ogg Opus', () => {
  test('one channel; the samples before the sound and behind it are left out', async () => {
    const read = await whole(oggOpus(opusMono440, { preSkip: 312, lastGranule: 26 * 960 - 480 }));
    expect(read).toMatchObject({ container: 'ogg-opus', channels: 1, sampleRateHz: 48_000 });
    const [pcm = new Int16Array(0)] = read.channelPcm;
    expect(pcm.length).toBe(26 * 160 - 52 - 80);
    expect(toneShare(pcm.subarray(800), 440)).toBeGreaterThan(0.9);
  });

  test('two channels stay two', async () => {
    const read = await whole(oggOpus(opusStereo440And1000, { channels: 2 }));
    const [left = new Int16Array(0), right = new Int16Array(0)] = read.channelPcm;
    expect(toneShare(left.subarray(400), 440)).toBeGreaterThan(0.9);
    expect(toneShare(right.subarray(400), 1000)).toBeGreaterThan(0.9);
  });

  test('a count that begins anywhere, as in a recording of a stream, and a gain', async () => {
    const plain = (await whole(oggOpus(opusMono440))).channelPcm[0] as Int16Array;
    const late = (await whole(oggOpus(opusMono440, { origin: 1_000_000, gainDb: 6 }))).channelPcm[0] as Int16Array;
    expect(late.length).toBe(plain.length);
    expect(Math.max(...late) / Math.max(...plain)).toBeCloseTo(10 ** (6 / 20), 2);
  });

  test.each<readonly [string, (file: Buffer) => Uint8Array, RegExp]>([
    ['a damaged page', (file) => file.fill(9, 500, 501), /damaged page/],
    [
      'a page missing',
      (file) => Buffer.concat([file.subarray(0, pageAt(file, 3)), file.subarray(pageAt(file, 4))]),
      /missing/,
    ],
    ['no last page', (file) => file.subarray(0, pageAt(file, 5)), /ends early/],
    ['a cut page', (file) => file.subarray(0, file.length - 3), /breaks off/],
    ['a second stream', (file) => Buffer.concat([file, file]), /more than one/],
    [
      'no Opus',
      () => oggPage({ sequence: 0, first: true, granule: 0, packets: [Buffer.from('\u0001vorbis')] }),
      /without Opus/,
    ],
    ['three channels', () => oggOpus(opusMono440, { channels: 3 }), /3 channels/],
    ['what is no Opus packet', () => oggOpus([Uint8Array.of(3, 0)]), /no Opus packet/],
  ])('%s is refused', async (_, spoil, message) => {
    expect((await fault(spoil(oggOpus(opusMono440)))).message).toMatch(message);
  });

  function pageAt(file: Buffer, index: number): number {
    let at = 0;
    for (let page = 0; page < index; page++) at = file.indexOf('OggS', at + 1);
    return at;
  }
});

test.each([
  ['an empty file', new Uint8Array(0), /^the file is empty/],
  [
    'text',
    Buffer.from('this is certainly no file of sound'),
    /^none of WAV, .*: convert it first \(ffmpeg .*at byte 0/,
  ],
])('%s is refused', async (_, bytes, message) => {
  expect((await fault(bytes)).message).toMatch(message);
});

describe('whatever the bytes, a file is read or refused', () => {
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([
    ['WAV', wav({ tag: 1, bits: 24, channels: 2, data: s16, before: chunk('LIST', new Uint8Array(5)) })],
    ['FLAC', tinyFlac],
    ['MP3', tinyMp3],
    ['Ogg', oggOpus(opusMono440)],
  ])('%s', async (_, bytes) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }),
        fc.nat({ max: bytes.length }),
        fc.boolean(),
        async (changes, length, cut) => {
          const spoilt = Uint8Array.from(cut ? bytes.subarray(0, length) : bytes);
          for (const [at, value] of changes) if (at < spoilt.length) spoilt[at] = value;
          await whole(spoilt).catch((thrown: unknown) => {
            expect(thrown).toBeInstanceOf(AudioFileFault);
          });
        },
      ),
      { numRuns: fuzzRuns },
    );
  });
});
