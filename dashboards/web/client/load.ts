import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { sayProblem } from './api.ts';

export type Loaded<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'there'; readonly value: Value }
  | { readonly state: 'failed'; readonly message: string };

/** Loads whenever `key` changes; an answer to an older key is dropped. What is there stays until the new has come. */
export function useLoaded<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
): ReadonlySignal<Loaded<Value>> {
  const loaded = useSignal<Loaded<Value>>({ state: 'loading' });
  useEffect(() => {
    const abort = new AbortController();
    const settle = (outcome: Loaded<Value>): void => {
      if (!abort.signal.aborted) loaded.value = outcome;
    };
    load(abort.signal).then(
      (value) => settle({ state: 'there', value }),
      (thrown: unknown) => settle({ state: 'failed', message: sayProblem(thrown) }),
    );
    return () => abort.abort();
  }, [key]);
  return loaded;
}
