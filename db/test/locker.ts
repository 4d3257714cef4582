import { hasCode } from '#lib/errors.ts';
import { lockDataDir } from '../data-dir.ts';

/** Takes the lock of the folder it is given and keeps it until it is killed; tells its parent how that went. */
try {
  await lockDataDir(process.argv[2] ?? '');
  process.send?.('locked');
} catch (thrown) {
  process.send?.(hasCode(thrown, 'data-dir-locked') ? thrown.code : String(thrown));
}
setInterval(() => undefined, 1000);
process.on('disconnect', () => process.exit());
