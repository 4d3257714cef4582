import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasFlite } from '#lib/testing/flite.ts';
import { GraphBuilder } from '../../asr/engines/onnx-format/graph-builder.ts';

const dir = mkdtempSync(join(tmpdir(), 'st-eval-voices-'));
afterAll(() => rmSync(dir, { recursive: true }));

const sidetone = (...args: string[]) =>
  spawnSync(join(import.meta.dirname, '../sidetone'), ['eval', ...args], { cwd: dir, encoding: 'utf8' });

test.each([
  ['a folder of no speakers', ['eer', '.'], 'two speakers'],
  ['a file that is no model', ['eer', '.', '--model', 'text.onnx'], 'no ONNX file'],
  ['a model named twice', ['der', '.', '--model', 'own', 'own'], 'named twice'],
])('%s is said to be so', (_name, args, words) => {
  writeFileSync(join(dir, 'text.onnx'), 'not a model');
  expect(sidetone(...args).stderr).toContain(words);
});

describe.skipIf(!hasFlite)('of synthesised speakers', () => {
  beforeAll(() => {
    const sentences = [
      'Good morning, you have reached the service desk. May I have your customer number, please, and the name on the account?',
      'Thank you very much. I can see the order here, and it left our warehouse on Tuesday afternoon with the other parcels.',
      'There is nothing more that you have to do today, we will write to you as soon as the replacement has been sent.',
    ];
    const rows = ['slt', 'rms'].flatMap((speaker) =>
      sentences.map((text, index) => {
        const path = `${speaker}-${index}.wav`;
        execFileSync('flite', ['-voice', speaker, '-t', text, '-o', join(dir, path)]);
        return JSON.stringify({ path, speaker });
      }),
    );
    writeFileSync(join(dir, 'manifest.jsonl'), `${rows.join('\n')}\n`);
    writeFileSync(join(dir, 'cepstra.onnx'), meanOfCepstra());
  });

  test('eval eer holds two models against each other, and tells what decisions are worth', () => {
    const { status, stdout, stderr } = sidetone('eer', '.', '--model', 'own', 'cepstra.onnx', '--decisions', '--json');
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      speakers: 2,
      files: 6,
      targets: 6,
      impostors: 9,
      models: [
        { model: 'own', difference: null },
        { model: 'cepstra.onnx', difference: { points: expect.any(Number) as number } },
      ],
      decisions: [{ testS: 1.5 }, { testS: 3 }, { testS: 6 }],
    });
    expect(sidetone('eer', '.', '--limit', '2').stdout).toMatch(/^configured +2 +6 +6 +9 /m);
  });

  test('eval der has a line for each model, and for the detector alone', () => {
    const { status, stdout, stderr } = sidetone('der', '.', '--model', 'own', 'cepstra.onnx', '--limit', '1');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^1 recordings of .* 2 speakers/);
    expect(stdout).toMatch(/^own .*of 1 /m);
    expect(stdout).toMatch(/^cepstra\.onnx .*of 1 /m);
    expect(stdout).toMatch(/^one speaker .*0 of 1 /m);
  });
});

/** A model of another maker in small: what it hears of the cepstra is their mean, without the loudness. */
function meanOfCepstra(): Uint8Array {
  const graph = new GraphBuilder();
  const mean = graph.node('ReduceMean', [graph.input('mfcc', 'float32', ['batch', 'T', 40])], {
    axes: [1],
    keepdims: 0,
  });
  const shape = graph.node('Slice', [mean, graph.int64s([1]), graph.int64s([40]), graph.int64s([1])]);
  graph.output('embedding', shape, 'float32', ['batch', 39]);
  return graph.build();
}
