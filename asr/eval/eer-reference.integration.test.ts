import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../engines/onnx-format/graph-builder.ts';
import { dot } from '../speakers/types.ts';
import { openReferenceModel } from './eer-reference.ts';

it('hears the shape of a spectrum and not its level, but for the first coefficient', async () => {
  const graph = new GraphBuilder();
  const mean = graph.node('ReduceMean', [graph.input('mfcc', 'float32', ['batch', 'T', 40])], {
    axes: [1],
    keepdims: 0,
  });
  const shape = graph.node('Slice', [mean, graph.int64s([1]), graph.int64s([40]), graph.int64s([1])]);
  graph.output('embedding', shape, 'float32', ['batch', 39]);
  const folder = mkdtempSync(join(tmpdir(), 'sidetone-reference-'));
  const path = join(folder, 'tiny.onnx');
  writeFileSync(path, graph.build());
  const model = await openReferenceModel(path);
  expect(model).toMatchObject({ id: 'tiny', dimensions: 39 });

  const buzz = (hz: number, level: number): Int16Array =>
    Int16Array.from(
      { length: 12_000 },
      (_, i) => level * (((i * hz) % 8000) / 8000 - 0.5) + ((i * 7919) % 101) * (level / 9000),
    );
  const [quiet, loud, other] = await model.embed([buzz(120, 3000), buzz(120, 12_000), buzz(900, 12_000)]);
  const none = new Float32Array(0);
  expect(dot(quiet ?? none, loud ?? none)).toBeGreaterThan(0.999);
  expect(dot(loud ?? none, other ?? none)).toBeLessThan(0.98);
  await model.close();
  rmSync(folder, { recursive: true });
});
