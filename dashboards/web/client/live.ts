import { signal, type ReadonlySignal } from '@preact/signals';
import type { LiveEvent } from '#analytics/types.ts';
import { sayAnonymous } from './api.ts';

export type StreamMessage = LiveEvent | { readonly type: 'snapshot' | 'replay' };
export type Connection = 'connecting' | 'live' | 'lost';

const types = ['snapshot', 'replay', 'call', 'partial', 'utterance', 'redaction', 'finding', 'metrics', 'end'] as const;
const retryMs = 3000;

/**
 * Hears an event stream until `close`. The browser itself comes back after a lost connection, with Last-Event-ID; where
 * it gives up (the server said no), we try anew.
 */
export function hear(
  path: string,
  listener: (message: StreamMessage) => void,
): { readonly connection: ReadonlySignal<Connection>; close(): void } {
  const connection = signal<Connection>('connecting');
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(`/api/v1${path}`);
    source.addEventListener('open', () => (connection.value = 'live'));
    source.addEventListener('error', () => {
      connection.value = 'lost';
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs);
    });
    for (const type of types) {
      source.addEventListener(type, (event: MessageEvent<string>) => listener(JSON.parse(event.data) as StreamMessage));
    }
    source.addEventListener('signed-out', () => {
      source?.close();
      sayAnonymous();
    });
  };
  open();
  return {
    connection,
    close: () => {
      clearTimeout(retry);
      source?.close();
    },
  };
}
