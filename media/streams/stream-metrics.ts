import type { Metrics } from '#lib/metrics.ts';
import type { StreamOrigin } from './refusals.ts';

type Kind = StreamOrigin['source'];

/** Series of what comes by AudioSocket and WebSocket. */
export interface StreamMetrics {
  opened(kind: Kind): void;
  closed(kind: Kind): void;
  refused(kind: Kind, reason: string): void;
  /** A frame or message that could not be understood. */
  malformed(kind: Kind): void;
  /** Sound that came faster than it can have been spoken, or too late to be placed. */
  droppedMs(kind: Kind, ms: number): void;
}

export function createStreamMetrics(metrics: Metrics): StreamMetrics {
  const open = metrics.gauge('sidetone_streams_sockets', 'Sockets that carry sound of calls', ['source']);
  const refusals = metrics.counter(
    'sidetone_streams_refusals_total',
    'Sockets turned away, or taken with something wrong, by why',
    ['source', 'reason'],
  );
  const malformed = metrics.counter(
    'sidetone_streams_malformed_total',
    'Frames and messages that could not be understood',
    ['source'],
  );
  const dropped = metrics.counter(
    'sidetone_streams_dropped_ms_total',
    'Sound of streams that was not taken: faster than time, or late',
    ['source'],
  );
  const counts = new Map<Kind, number>();
  const move = (source: Kind, by: number): void => {
    const count = (counts.get(source) ?? 0) + by;
    counts.set(source, count);
    open.set(count, { source });
  };
  return {
    opened: (source) => move(source, 1),
    closed: (source) => move(source, -1),
    refused: (source, reason) => refusals.add(1, { source, reason }),
    malformed: (source) => malformed.add(1, { source }),
    droppedMs: (source, ms) => dropped.add(ms, { source }),
  };
}
