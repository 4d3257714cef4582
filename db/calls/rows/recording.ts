import type { Insertable, Selectable } from 'kysely';
import type { RecordingReport } from '#media/types.ts';
import type { Schema } from '../../schema.ts';

export function recordingRow(callId: string, recording: RecordingReport): Insertable<Schema['recordings']> {
  return {
    call_id: callId,
    path: recording.path,
    peaks_path: recording.peaksPath,
    samples: recording.samples,
    bytes: recording.bytes,
    sha256: recording.sha256,
    silenced: JSON.stringify(recording.silenced),
    unredacted: JSON.stringify(recording.unredacted),
    failure: recording.failure,
  };
}

export function toRecording(row: Selectable<Schema['recordings']>): RecordingReport {
  return {
    path: row.path,
    peaksPath: row.peaks_path,
    samples: row.samples,
    bytes: row.bytes,
    sha256: row.sha256,
    silenced: row.silenced,
    unredacted: row.unredacted,
    failure: row.failure,
  };
}
