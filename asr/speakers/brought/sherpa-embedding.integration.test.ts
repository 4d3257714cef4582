import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { seededRandom } from '#lib/testing/random.ts';
import { GraphBuilder } from '../../engines/onnx-format/graph-builder.ts';
import { hasSherpa } from '../../testing/has-sherpa.ts';
import { openSpeakerModel } from '../open.ts';
import { networkForSherpa, withMetadata } from '../testing/for-sherpa.ts';
import { dot } from '../types.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidetone-speakers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function tinyGraph(): Buffer {
  const graph = new GraphBuilder();
  graph.output('y', graph.node('Relu', [graph.input('x', 'float32', [1])]), 'float32', [1]);
  return graph.build();
}

/** A voice of sorts: pulses at `pitchHz` through two resonances, in bursts. */
function hum(pitchHz: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  let [a, b, c, d, phase] = [0, 0, 0, 0, 0];
  return Int16Array.from({ length: 16_000 }, (_, i) => {
    phase += pitchHz / 8000;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    const input = 4000 * pulse + 60 * (random() - 0.5);
    [a, b] = [input + 1.75 * a - 0.9 * b, a];
    [c, d] = [a + 0.9 * c - 0.8 * d, c];
    return Math.max(-32_000, Math.min(32_000, c * (Math.sin(i / 900) > -0.5 ? 0.8 : 0.05)));
  });
}

describe('a speaker model of another maker', () => {
  it('is refused by name when it is not there, damaged, or not made for sherpa-onnx, before sherpa-onnx sees it', async () => {
    await expect(openSpeakerModel({ model: join(folder, 'absent.onnx') })).rejects.toMatchObject({
      code: 'model-missing',
    });
    const models = {
      'text.onnx': Buffer.from('<!doctype html>'),
      'cut.onnx': tinyGraph().subarray(0, -3),
      'plain.onnx': tinyGraph(),
      'unknown.onnx': withMetadata(tinyGraph(), { framework: 'other' }),
      'short.onnx': withMetadata(tinyGraph(), { framework: 'wespeaker', sample_rate: '16000' }),
    };
    for (const [name, content] of Object.entries(models)) {
      await expect(openSpeakerModel({ model: written(name, content) }), name).rejects.toMatchObject({
        code: 'model-broken',
      });
    }
  });

  test.skipIf(!hasSherpa)(
    'embeds through sherpa-onnx-node: our own network, exported, says there what it says here',
    async () => {
      const brought = await openSpeakerModel({ model: written('ours.onnx', networkForSherpa()) });
      const own = await openSpeakerModel();
      expect(brought.dimensions).toBe(own.dimensions);
      expect(brought.id).toBe('ours');
      const sounds = [hum(110, 1), hum(220, 2), hum(150, 3).subarray(0, 3000), new Int16Array(0)];
      const theirs = await brought.embed(sounds);
      const ours = await own.embed(sounds);
      const none = new Float32Array(0);
      for (const index of [0, 1]) expect(dot(theirs[index] ?? none, ours[index] ?? none)).toBeGreaterThan(0.9);
      for (const index of [0, 1, 2]) expect(dot(theirs[index] ?? none, theirs[index] ?? none)).toBeCloseTo(1, 4);
      expect(theirs[3]?.every((value) => value === 0)).toBe(true);
      await Promise.all([brought.close(), own.close()]);
    },
  );
});
