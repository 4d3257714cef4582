import type { CounterSeries, GaugeSeries, Metrics } from '#lib/metrics.ts';
import type { MediaCounters } from './messages.ts';

type Series = readonly [name: string, help: string];
const counterHelp = {
  packets: ['sidetone_media_packets_total', 'Datagrams received on RTP and RTCP ports'],
  relayed: ['sidetone_media_relayed_packets_total', 'RTP packets sent on to the other leg'],
  malformed: ['sidetone_media_malformed_packets_total', 'Datagrams that are no RTP or RTCP that the leg agreed to'],
  strangers: ['sidetone_media_stranger_packets_total', 'Packets from a source that the source rule refuses'],
  duplicates: ['sidetone_media_duplicate_packets_total', 'Packets received twice'],
  late: ['sidetone_media_late_packets_total', 'Packets too late for the timeline'],
  rtcp: ['sidetone_media_rtcp_packets_total', 'RTCP packets read'],
  filledSamples: ['sidetone_media_filled_samples_total', 'Samples filled where no packet was; counted as calls end'],
  droppedSamples: ['sidetone_media_dropped_samples_total', 'Samples received and dropped; counted as calls end'],
  audioDroppedSamples: [
    'sidetone_media_audio_dropped_samples_total',
    'Samples let go unrecognised or unreleased, past the memory bound',
  ],
  bindFailures: ['sidetone_media_port_bind_failures_total', 'Port pairs skipped because they could not be bound'],
  portsExhausted: ['sidetone_media_ports_exhausted_total', 'Calls refused for want of an RTP port'],
  recordingFailures: ['sidetone_media_recording_failures_total', 'Recordings that the disk refused'],
  feedsLost: ['sidetone_media_feeds_lost_total', 'Connections to recognisers that closed'],
  callsFailed: ['sidetone_media_calls_failed_total', 'Calls ended by a fault in their media, the others going on'],
} as const satisfies Partial<Record<keyof MediaCounters, Series>>;
const gaugeHelp = {
  calls: ['sidetone_media_calls', 'Calls with open sockets'],
  portsLent: ['sidetone_media_ports_lent', 'RTP port pairs in use'],
  memorySamples: ['sidetone_media_memory_samples', 'Samples a channel kept until recorded and recognised'],
} as const satisfies Partial<Record<keyof MediaCounters, Series>>;
type CounterName = keyof typeof counterHelp;
type GaugeName = keyof typeof gaugeHelp;
const counterNames = Object.keys(counterHelp) as CounterName[];
const gaugeNames = Object.keys(gaugeHelp) as GaugeName[];

/** Turns the workers' totals, which come about once a second, into metrics. */
export class WorkerMetrics {
  readonly #counters: Readonly<Record<CounterName, CounterSeries>>;
  readonly #gauges: Readonly<Record<GaugeName, GaugeSeries>>;
  readonly #latest: (MediaCounters | undefined)[];

  constructor(metrics: Metrics, workers: number) {
    this.#counters = mapRecord(counterNames, (name) => metrics.counter(counterHelp[name][0], counterHelp[name][1]));
    this.#gauges = mapRecord(gaugeNames, (name) => metrics.gauge(gaugeHelp[name][0], gaugeHelp[name][1]));
    this.#latest = Array.from({ length: workers }, () => undefined);
  }

  report(worker: number, totals: MediaCounters): void {
    const before = this.#latest[worker];
    for (const name of counterNames) this.#counters[name].add(Math.max(0, totals[name] - (before?.[name] ?? 0)));
    this.#latest[worker] = totals;
    this.#setGauges();
  }

  /** The worker is gone: its successor counts from 0. */
  lost(worker: number): void {
    this.#latest[worker] = undefined;
    this.#setGauges();
  }

  #setGauges(): void {
    for (const name of gaugeNames) {
      this.#gauges[name].set(this.#latest.reduce((sum, totals) => sum + (totals?.[name] ?? 0), 0));
    }
  }
}

function mapRecord<Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Value,
): Readonly<Record<Name, Value>> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Value>;
}
