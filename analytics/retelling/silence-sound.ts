import { hasCode } from '#lib/errors.ts';
import { msToSamples, type RecordingControl } from '#media/types.ts';
import type { SilenceRange } from '../redaction/types.ts';
import type { CallStore } from '../types.ts';

export interface KeptSound {
  readonly recording: Pick<RecordingControl, 'redactLate'>;
  readonly store: CallStore;
}

/** Silences the stretches in the recording of an ended call, where there is one, and stores what is known of it then. */
export async function silenceSound(
  { recording, store }: KeptSound,
  callId: string,
  ranges: readonly SilenceRange[],
): Promise<void> {
  if (ranges.length === 0) return;
  const samples = ranges.map(({ startMs, endMs }) => {
    return { startSample: msToSamples(startMs), endSample: msToSamples(endMs) };
  });
  try {
    store.write({ op: 'recording', callId, recording: await recording.redactLate(callId, samples) });
  } catch (thrown) {
    if (!hasCode(thrown, 'not-found')) throw thrown;
  }
}
