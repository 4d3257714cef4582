import fc from 'fast-check';
import { beforeAll, beforeEach, afterEach, describe, expect, test, vi } from 'vitest';
import { G722Encoder } from '#lib/audio/g722-encoder.ts';
import { opusPacketSamples } from '#lib/audio/opus-packet.ts';
import { opusMono440, opusStereo440And1000 } from '../testing/opus-packets.ts';
import { toneShare } from '#lib/testing/tones.ts';
import { createDecoder } from './decoders.ts';
import { OpusStreamDecoder, prepareOpus } from './opus-decoder.ts';
import { TimestampScale } from './timestamp-scale.ts';
import type { StreamDecoder } from './types.ts';

const fuzzRuns = Number(process.env['FUZZ_RUNS'] ?? 2000);

beforeAll(prepareOpus);

/** Opus decoders stand some milliseconds after they were asked for. */
async function ready(decoder: StreamDecoder): Promise<StreamDecoder> {
  await vi.waitFor(() => expect(decoder.decode(opusMono440[0] as Uint8Array, 0, 25).some((s) => s !== 0)).toBe(true));
  return decoder;
}

function all(decoder: StreamDecoder, payloads: readonly Uint8Array[]): Int16Array {
  return Int16Array.from(payloads.flatMap((payload) => [...decoder.decode(payload, 0, payload.length)]));
}

describe('G.722', () => {
  /** At 16 kHz. */
  const wide = (hz: number, samples: number): Int16Array =>
    Int16Array.from({ length: samples }, (_, n) => Math.round(8000 * Math.sin((2 * Math.PI * hz * n) / 16_000)));
  const heard = (hz: number, payloadBytes: number): Int16Array => {
    const codes = new G722Encoder().encode(wide(hz, 16_000));
    const payloads = Array.from({ length: codes.length / payloadBytes }, (_, n) =>
      codes.subarray(n * payloadBytes, (n + 1) * payloadBytes),
    );
    return all(createDecoder('g722'), payloads);
  };

  test.each([80, 160, 320])('payloads of %i bytes give a sample a byte, the same tone', (bytes) => {
    const codes = new G722Encoder().encode(wide(1000, 16_000));
    const decoder = createDecoder('g722');
    for (let at = 0; at + bytes <= codes.length; at += bytes) {
      expect(decoder.decode(codes, at, at + bytes)).toHaveLength(bytes);
    }
    expect(toneShare(heard(1000, bytes).subarray(800), 1000)).toBeGreaterThan(0.99);
  });

  test('what lies above 4 kHz is gone instead of folded back', () => {
    const loud = Math.max(...heard(1000, 160).subarray(800));
    const folded = Math.max(...heard(4400, 160).subarray(800));
    expect(loud).toBeGreaterThan(7500);
    expect(folded).toBeLessThan(loud / 60);
  });
});

describe('Opus', () => {
  test('one channel at 8 kHz, 160 samples for 20 ms', async () => {
    const decoder = await ready(createDecoder('opus'));
    const pcm = all(decoder, opusMono440);
    expect(pcm).toHaveLength(160 * opusMono440.length);
    expect(toneShare(pcm.subarray(800), 440)).toBeGreaterThan(0.9);
    decoder.close();
    expect(decoder.decode(opusMono440[0] as Uint8Array, 0, 25)).toHaveLength(0);
  });

  test('two channels are brought down to one: both are heard', async () => {
    const decoder = await ready(createDecoder('opus'));
    const pcm = all(decoder, opusStereo440And1000).subarray(320);
    expect(toneShare(pcm, 440)).toBeGreaterThan(0.4);
    expect(toneShare(pcm, 1000)).toBeGreaterThan(0.4);
    decoder.close();
  });

  test('after packets that never came the stream goes on', async () => {
    const decoder = await ready(createDecoder('opus'));
    all(decoder, opusMono440.slice(0, 12));
    expect(toneShare(all(decoder, opusMono440.slice(14)).subarray(320), 440)).toBeGreaterThan(0.8);
    decoder.close();
  });

  test('a frame of no bytes (DTX) has its length', async () => {
    const decoder = await ready(createDecoder('opus'));
    all(decoder, opusMono440);
    for (let n = 0; n < 20; n++) expect(decoder.decode(Uint8Array.of(0x48), 0, 1)).toHaveLength(160);
    const faded = decoder.decode(Uint8Array.of(0x48), 0, 1);
    expect(Math.max(...faded.map(Math.abs))).toBeLessThan(200);
    decoder.close();
  });

  test('before it stands there is silence of the right length; closed meanwhile, it never stands', async () => {
    const decoder = new OpusStreamDecoder();
    expect(decoder.decode(opusMono440[0] as Uint8Array, 0, 25)).toEqual(new Int16Array(160));
    decoder.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(decoder.decode(opusMono440[0] as Uint8Array, 0, 25)).toHaveLength(0);
  });

  describe('against libopus', () => {
    const said: unknown[] = [];
    beforeEach(() => {
      said.length = 0;
      vi.spyOn(console, 'error').mockImplementation((...words: unknown[]) => void said.push(words));
    });
    afterEach(() => {
      vi.restoreAllMocks();
    });

    test('what we take for well-formed it decodes to as many samples, and complains of nothing', async () => {
      const decoder = await ready(createDecoder('opus'));
      let taken = 0;
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 4 }), (bytes, start) => {
          const end = Math.max(start, bytes.length);
          const samples = opusPacketSamples(bytes, start, end);
          if (samples > 0) taken++;
          expect(decoder.decode(bytes, start, end)).toHaveLength(samples);
        }),
        { numRuns: fuzzRuns },
      );
      expect(taken).toBeGreaterThan(fuzzRuns / 5);
      expect(said).toEqual([]);
      decoder.close();
    });
  });
});

test('any bytes are sound or nothing to every codec, in any order, never more than 120 ms at once', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('g722', 'opus'),
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }),
      (codec, payloads) => {
        const decoder = createDecoder(codec);
        for (const payload of payloads)
          expect(decoder.decode(payload, 0, payload.length).length).toBeLessThanOrEqual(960);
        decoder.close();
      },
    ),
    { numRuns: 200 },
  );
});

describe('timestamps at 48 kHz brought to 8 kHz', () => {
  test('go on by a sixth where the 32 bits wrap', () => {
    const scale = new TimestampScale(6);
    let before = scale.to8k(1, 0xffff_ffff - 3 * 960);
    for (let n = -2; n < 10; n++) {
      const now = scale.to8k(1, (0x1_0000_0000 + n * 960 - 1) % 0x1_0000_0000);
      expect((now - before) | 0).toBe(160);
      before = now;
    }
  });

  test('and keep the distance of packets out of order', () => {
    const scale = new TimestampScale(6);
    const first = scale.to8k(1, 0xffff_ff00);
    const third = scale.to8k(1, 0xffff_ff00 + 1920 - 0x1_0000_0000);
    const second = scale.to8k(1, 0xffff_ff00 + 960 - 0x1_0000_0000);
    expect([(second - first) | 0, (third - first) | 0]).toEqual([160, 320]);
  });
});
