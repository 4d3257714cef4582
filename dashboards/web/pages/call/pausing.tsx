import { api } from '../../client/api.ts';
import { useBusy } from '../../client/busy.ts';
import { clockTime } from '../../client/format.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import type { CallAnswer } from '../../../api/answers.ts';

function openPause({ pauses }: CallAnswer): CallAnswer['pauses'][number] | undefined {
  const last = pauses.at(-1);
  return last?.toMs === null ? last : undefined;
}

/** Of a running call: stops recording and transcription, and lets them go on. The talk itself does not notice. */
export function PauseButton({ view }: { readonly view: CallAnswer }) {
  const { busy, problem, run } = useBusy();
  if (view.state === 'ended') return null;
  const isPaused = openPause(view) !== undefined;
  const change = async (): Promise<void> => {
    await api(`/calls/${view.callId}/${isPaused ? 'resume' : 'pause'}`, { method: 'POST' });
  };
  return (
    <>
      <button
        type="button"
        class={`button ${isPaused ? 'primary' : ''}`}
        disabled={busy.value}
        onClick={() => void run(change)}
      >
        {isPaused ? 'Resume recording' : 'Pause recording'}
      </button>
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
    </>
  );
}

/** Says so while a call is paused. */
export function PausedNote({ view }: { readonly view: CallAnswer }) {
  const pause = view.live ? openPause(view) : undefined;
  return (
    <div role="status">
      {pause === undefined ? null : (
        <p class="flag">
          <strong>Paused</strong> by {pause.by} since {clockTime(pause.fromMs)}: nothing is recorded or transcribed.
        </p>
      )}
    </div>
  );
}
