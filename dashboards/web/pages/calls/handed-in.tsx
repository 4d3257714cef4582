import type { z } from 'zod';
import { useSignalEffect, type Signal } from '@preact/signals';
import { api } from '../../client/api.ts';
import { spokenTime } from '../../client/format.ts';
import type { ingestAnswer } from '../../../api/schemas/ingest.ts';

/** A file that was taken; `isNew` false: its calls were there before. */
export type TakenItem = z.output<typeof ingestAnswer>['items'][number];
/** A file that was taken, as it was when last asked; or the names of what was refused, and why. */
export type HandedIn = TakenItem | { readonly refused: string; readonly because: string };

const askEveryMs = 2000;

/** What became of the files: how far each is, and its calls. */
export function TakenFiles({ files }: { readonly files: Signal<readonly HandedIn[]> }) {
  useSignalEffect(() => {
    const open = files.value.filter(
      (file) => 'state' in file && (file.state === 'waiting' || file.state === 'running'),
    );
    if (open.length === 0) return undefined;
    const asking = setTimeout(() => void refresh(files), askEveryMs);
    return () => clearTimeout(asking);
  });
  return (
    <ul class="handed-in" aria-live="polite">
      {files.value.map((file, index) =>
        'refused' in file ? (
          <li key={`${index} ${file.refused}`}>
            <strong>{file.refused}</strong> <span class="bad">not taken: {file.because}</span>
          </li>
        ) : (
          <li key={file.sha256}>
            <strong>{file.names.join(' + ')}</strong>{' '}
            <span class={file.state === 'failed' ? 'bad' : 'faint'}>{stateWords(file)}</span>{' '}
            {file.callIds.map((callId, call) => (
              <a key={callId} href={`/calls/${callId}`}>
                {file.callIds.length === 1 ? 'Open the call' : `Call ${call + 1}`}
              </a>
            ))}
          </li>
        ),
      )}
    </ul>
  );
}

function stateWords({ state, isNew, durationMs, doneMs, hoursPerHour, fault }: TakenItem): string {
  const rate = hoursPerHour === null ? '' : `, ${Math.round(hoursPerHour)} times as fast as it was said`;
  switch (state) {
    case 'waiting':
      return 'waits its turn.';
    case 'running':
      return `${spokenTime(doneMs)} of ${spokenTime(durationMs)}${rate}.`;
    case 'done':
      return isNew ? `${spokenTime(durationMs)}, done${rate}.` : 'was taken before.';
    case 'failed':
      return `failed: ${fault ?? 'for a reason unknown'}.`;
    default:
      return state satisfies never;
  }
}

/** Asks once for each that is not done; one that cannot be asked about now is asked about again. */
async function refresh(files: Signal<readonly HandedIn[]>): Promise<void> {
  const asked = files.value.flatMap((file) => ('state' in file && file.state !== 'done' ? [file.sha256] : []));
  const answers = await Promise.allSettled(asked.map((sha256) => api<Omit<TakenItem, 'isNew'>>(`/ingest/${sha256}`)));
  const fresh = new Map(
    answers.flatMap((answer) => (answer.status === 'fulfilled' ? [[answer.value.sha256, answer.value] as const] : [])),
  );
  files.value = files.value.map((file) => ('state' in file ? { ...file, ...fresh.get(file.sha256) } : file));
}
