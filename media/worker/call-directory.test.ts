import { expect, test } from 'vitest';
import { CallDirectory } from './call-directory.ts';

test('a call out of an old file that is lost with its worker ends after what was played, not after years', () => {
  const directory = new CallDirectory(1);
  directory.add('old', 0);
  directory.note({ type: 'media-started', callId: 'old', atEpochMs: Date.parse('2020-01-01'), sides: ['mixed'] });
  const [lost] = directory.loseWorker(0);
  expect(lost?.ended).toMatchObject({ type: 'media-ended', streams: { mixed: { firstSample: null } } });
  expect(lost?.ended?.endSample).toBeLessThan(3_600_000 * 8);
  expect(directory.workerOf('old')).toBeUndefined();
});
