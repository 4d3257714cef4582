import type { Metrics } from '#lib/metrics.ts';
import type { LoadReport } from '../process/messages.ts';
import { degradedSteps, endlessMs, type AsrEvent } from '../types.ts';

/** The series of asr/. */
export interface AsrMetrics {
  event(event: AsrEvent): void;
  finalDelay(delayMs: number): void;
  load(slot: number, report: LoadReport): void;
  restarted(): void;
  calls(open: number): void;
}

export function createAsrMetrics(metrics: Metrics): AsrMetrics {
  const events = metrics.counter('sidetone_asr_events_total', 'What recognition told, by type', ['type']);
  const delay = metrics.histogram(
    'sidetone_asr_final_delay_seconds',
    'From the end of speech to its final text',
    [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60],
  );
  const restarts = metrics.counter('sidetone_asr_process_restarts_total', 'Recogniser processes started again');
  const calls = metrics.gauge('sidetone_asr_open_calls', 'Calls that are being recognised');
  const busy = metrics.gauge('sidetone_asr_busy_ratio', 'Share of the time spent in models', ['process']);
  const backlog = metrics.gauge('sidetone_asr_backlog_seconds', 'Audio received and not yet looked at', ['process']);
  const interval = metrics.gauge(
    'sidetone_asr_partial_interval_seconds',
    'Between two partials of a channel, by the load; -1 while there are none',
    ['process'],
  );
  const step = metrics.gauge(
    'sidetone_asr_degraded_step',
    'How far recognition has given way to the load: 0 not, 1 fewer partials, 2 none, 3 late finals',
    ['process'],
  );
  const waiting = metrics.gauge('sidetone_asr_waiting_calls', 'Calls that wait until there is time', ['process']);
  const spooled = metrics.gauge('sidetone_asr_spooled_bytes', 'Audio that waits on disk, encrypted', ['process']);
  const dropped = metrics.counter('sidetone_asr_dropped_seconds_total', 'Audio for which there was no room to wait');
  const heard = metrics.counter('sidetone_asr_heard_seconds_total', 'Audio that recognition has looked at');
  const decoded = metrics.counter('sidetone_asr_decoded_total', 'Pieces of audio decoded', ['purpose']);
  const unheard = metrics.counter('sidetone_asr_unheard_seconds_total', 'Audio that recognition never saw');
  const malformed = metrics.counter('sidetone_asr_malformed_frames_total', 'Feed connections closed as malformed');
  return {
    event: (event) => {
      events.add(1, { type: event.type });
      // What has no known end is no number of seconds.
      if (event.type === 'unheard' && event.endMs < endlessMs) unheard.add((event.endMs - event.startMs) / 1000);
    },
    finalDelay: (delayMs) => delay.observe(delayMs / 1000),
    load: (slot, report) => {
      const labels = { process: String(slot) };
      busy.set(report.busy, labels);
      backlog.set(report.backlogMs / 1000, labels);
      interval.set(report.partialIntervalMs < 0 ? -1 : report.partialIntervalMs / 1000, labels);
      step.set(degradedSteps.indexOf(report.step), labels);
      waiting.set(report.waitingCalls, labels);
      spooled.set(report.spooledBytes, labels);
      dropped.add(report.droppedS);
      heard.add(report.heardS);
      decoded.add(report.finals, { purpose: 'final' });
      decoded.add(report.partials, { purpose: 'partial' });
      malformed.add(report.malformedFrames);
    },
    restarted: () => restarts.add(1),
    calls: (open) => calls.set(open),
  };
}
