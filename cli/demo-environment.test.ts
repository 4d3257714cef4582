import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { demoEnvironment } from './demo-environment.ts';

const own = { dataDir: '/tmp/of-the-demo', freeHttpPort: 0 };

test('what was asked for counts, and the rest disturbs nobody', () => {
  expect(demoEnvironment({ SIDETONE_HTTP_PORT: '18080', SIDETONE_ASR_PROCESSES: '1' }, own)).toEqual({
    SIDETONE_DATA_DIR: own.dataDir,
    SIDETONE_HTTP_PORT: '18080',
    SIDETONE_SIP_PORT: '0',
    SIDETONE_RTP_PORTS: '30000-30199',
    SIDETONE_ASR_PROCESSES: '1',
    SIDETONE_LOG_LEVEL: 'error',
  });
});

test('the data and the database of the house are left alone', () => {
  const environment = demoEnvironment({ SIDETONE_DATA_DIR: './data', DATABASE_URL: 'postgres://u@h/db' }, own);
  expect(environment['SIDETONE_DATA_DIR']).toBe(own.dataDir);
  expect(environment).not.toHaveProperty('DATABASE_URL');
});

test('a path is seen from where the command was given; the name of a model is no path', () => {
  expect(demoEnvironment({ SIDETONE_RULES_FILE: 'package.json' }, own)['SIDETONE_RULES_FILE']).toBe(
    resolve('package.json'),
  );
  expect(demoEnvironment({ SIDETONE_ASR_MODEL: 'moonshine-tiny-en' }, own)['SIDETONE_ASR_MODEL']).toBe(
    'moonshine-tiny-en',
  );
});
