import type { Emitter } from '#lib/emitter.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Keeper } from './keeper.ts';

/** Resolves when next (or already) ready. @throws SidetoneError `database-unavailable` when it is closed before */
export function becomesReady<Change>(keeper: Keeper, changes: Emitter<Change>): Promise<void> {
  if (keeper.state === 'ready') return Promise.resolve();
  const closed = (): SidetoneError => new SidetoneError('database-unavailable', 'storage is closed');
  if (keeper.state === 'closed') return Promise.reject(closed());
  return new Promise((resolve, reject) => {
    const unsubscribe = changes.subscribe(() => {
      if (keeper.state !== 'ready' && keeper.state !== 'closed') return;
      unsubscribe();
      if (keeper.state === 'ready') resolve();
      else reject(closed());
    });
  });
}
