import { useSignal, type ReadonlySignal } from '@preact/signals';
import { sayProblem } from './api.ts';

/** One thing at a time that may fail: whether it runs, and what went wrong the last time. */
export interface Busy {
  readonly busy: ReadonlySignal<boolean>;
  readonly problem: ReadonlySignal<string>;
  readonly run: (work: () => Promise<void>) => Promise<void>;
}

export function useBusy(): Busy {
  const busy = useSignal(false);
  const problem = useSignal('');
  return {
    busy,
    problem,
    run: async (work) => {
      busy.value = true;
      problem.value = '';
      try {
        await work();
      } catch (thrown) {
        problem.value = sayProblem(thrown);
      } finally {
        busy.value = false;
      }
    },
  };
}
