import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * The one adapter over prom-client. Each stage is handed a `Metrics` and names its own series, `sidetone_<stage>_...`;
 * a name asked for twice is the same series. Labels carry enumerations only: no number, name or text of a call.
 */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): CounterSeries;
  gauge(name: string, help: string, labels?: readonly string[]): GaugeSeries;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): HistogramSeries;
  /** The Prometheus text format. */
  render(): Promise<string>;
  readonly contentType: string;
}
type Labels = Readonly<Record<string, string>>;
export interface CounterSeries {
  add(amount?: number, labels?: Labels): void;
}
export interface GaugeSeries {
  set(value: number, labels?: Labels): void;
}
export interface HistogramSeries {
  observe(value: number, labels?: Labels): void;
}

export function createMetrics(options: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry, prefix: 'sidetone_' });
  const made = new Map<string, unknown>();
  const memo = <Series>(name: string, make: () => Series): Series => {
    const known = made.get(name) as Series | undefined;
    if (known !== undefined) return known;
    const series = make();
    made.set(name, series);
    return series;
  };
  return {
    counter: (name, help, labels = []) =>
      memo(name, () => {
        const series = new Counter({ name, help, labelNames: [...labels], registers: [registry] });
        return { add: (amount = 1, values = {}) => series.inc(values, amount) };
      }),
    gauge: (name, help, labels = []) =>
      memo(name, () => {
        const series = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
        return { set: (value, values = {}) => series.set(values, value) };
      }),
    histogram: (name, help, buckets, labels = []) =>
      memo(name, () => {
        const series = new Histogram({
          name,
          help,
          buckets: [...buckets],
          labelNames: [...labels],
          registers: [registry],
        });
        return { observe: (value, values = {}) => series.observe(values, value) };
      }),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
