import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { readWav } from '#lib/audio/wav.ts';
import { configSchema } from '#lib/config/schema.ts';
import { silentLogger } from '#lib/log.ts';
import { packagedModel } from '#lib/models.ts';
import { findModelFiles } from '../engines/moonshine/model-files.ts';
import { hasSherpa } from '../testing/has-sherpa.ts';
import type { SecondRecogniser, SoundPiece } from '../types.ts';
import { createSecondRecogniser } from './second-recogniser.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidetone-second-'));
afterAll(() => rmSync(folder, { recursive: true }));

function open(model: string, idleMs?: number): SecondRecogniser {
  const endpoint = { attempts: 1, timeoutS: 5 };
  const config = configSchema.parse({ dataDir: folder, asr: { secondPass: { model }, endpoint } });
  const recogniser = createSecondRecogniser({
    config,
    cacheDir: join(folder, 'cache'),
    logger: silentLogger,
    ...(idleMs === undefined ? {} : { idleMs }),
  });
  if (recogniser === undefined) throw new Error('none');
  return recogniser;
}
/** The demo's caller, from its first word on. */
async function pieces(): Promise<readonly SoundPiece[]> {
  const { channels } = await readWav(join(import.meta.dirname, '../../demo/caller.wav'));
  const pcm = channels[0] ?? new Int16Array(0);
  const first = pcm.findIndex((sample) => Math.abs(sample) > 1500);
  const piece = pcm.slice(Math.max(0, first - 1600), first + 8000 * 4);
  return [
    { pcm: piece, language: 'en', phrases: ['Okonkwo'] },
    { pcm: new Int16Array(8000), language: 'en' },
  ];
}

describe('the second recogniser', () => {
  test.skipIf(!hasSherpa).for([true, false])(
    'hears a piece, and nothing in silence; packaged: %s',
    async (isPackaged) => {
      const model = isPackaged ? packagedModel : dirname((await findModelFiles()).encoderPath);
      const recogniser = open(model);
      try {
        const [heard, silence] = await recogniser.recognise(await pieces());
        expect(heard?.words.length).toBeGreaterThan(2);
        expect(heard?.language).toBe('en');
        expect(heard?.words.every(({ startMs, endMs }) => startMs >= 0 && endMs <= 4500)).toBe(true);
        expect(silence).toBeNull();
      } finally {
        await recogniser.close();
      }
      await expect(recogniser.recognise([])).rejects.toMatchObject({ code: 'server-draining' });
    },
  );

  test('an endpoint hears a piece; one that fails says so, and the next request begins anew', async () => {
    let status = 200;
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        const words = [{ word: 'hello', start: 0.2, end: 0.5 }];
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ task: 'transcribe', language: 'english', text: 'Hello.', words }));
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const recogniser = open(`http://127.0.0.1:${port}`, 50);
    try {
      const asked = (await pieces()).slice(0, 1);
      const hello = { words: [{ text: 'Hello.', startMs: 200, endMs: 500 }], language: 'en' };
      expect(await recogniser.recognise(asked)).toMatchObject([hello]);
      status = 500;
      await expect(recogniser.recognise(asked)).rejects.toMatchObject({ code: 'endpoint-failed' });
      status = 200;
      expect(await recogniser.recognise(asked)).toMatchObject([hello]);
      // Let go meanwhile.
      await setTimeout(400);
      expect(await recogniser.recognise(asked)).toMatchObject([hello]);
    } finally {
      await recogniser.close();
      server.close();
    }
  });

  test('there is none where the configuration asks for none; a model that is not there is told of at once', () => {
    const config = configSchema.parse({ dataDir: folder });
    expect(createSecondRecogniser({ config, cacheDir: folder, logger: silentLogger })).toBeUndefined();
    expect(() => open('not-pulled')).toThrow(expect.objectContaining({ code: 'model-missing' }));
  });
});
