import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createLogger } from '#lib/log.ts';
import { calibrate } from './calibrate.ts';
import { collect } from './collect.ts';

/**
 * The whole recipe (docs/training.md):
 *
 *     node asr/training/speakers/train.ts SPEECH_DIR CACHE_DIR
 *
 * Needs python3 with torch and numpy (SIDETONE_PYTHON names another), sox and ffmpeg. Leaves the weights, a golden vector
 * and the calibration in asr/speakers/weights.
 */
const [speechDir, cacheDir] = process.argv.slice(2);
const logger = createLogger('info', 'speaker-training');
const folder = fileURLToPath(new URL('.', import.meta.url));
const weightsDir = fileURLToPath(new URL('../../speakers/weights', import.meta.url));

async function python(script: string, ...args: readonly string[]): Promise<void> {
  const interpreter = process.env['SIDETONE_PYTHON'] ?? '/usr/bin/python3';
  const child = spawn(interpreter, [`${folder}${script}`, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${script} failed`);
}

if (speechDir === undefined || cacheDir === undefined) {
  logger.error('usage: node asr/training/speakers/train.ts SPEECH_DIR CACHE_DIR');
  process.exitCode = 1;
} else {
  const speakers = await collect(speechDir, cacheDir);
  logger.info({ speakers: speakers.length }, 'speech collected');
  await python('train.py', cacheDir);
  await python('pack.py', cacheDir, weightsDir);
  logger.info({ calibration: await calibrate(cacheDir) }, 'calibrated');
}
