import { useRef } from 'preact/hooks';
import { api } from '../../client/api.ts';
import { useBusy } from '../../client/busy.ts';
import { go } from '../../client/router.ts';
import { isAdmin } from '../../client/session.ts';
import { voicesIn } from '../../client/voices.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import type { CallAnswer } from '../../../api/answers.ts';
import type { CallModel } from './call-state.ts';
import { PauseButton } from './pausing.tsx';
import { PutRight } from './put-right.tsx';

/** What one may do with the call: pause it while it runs; take it away, put it right, hand it over or erase it later. */
export function CallActions({ model, view }: { readonly model: CallModel; readonly view: CallAnswer }) {
  const { callId } = view;
  const { busy, problem, run } = useBusy();
  const dialog = useRef<HTMLDialogElement>(null);
  const makeExport = async (): Promise<void> => {
    const { exportId } = await api<{ exportId: string }>('/exports', { method: 'POST', body: { callId } });
    go(`/exports?made=${exportId}`);
  };
  const remove = async (): Promise<void> => {
    await api(`/calls/${callId}`, { method: 'DELETE' });
    dialog.current?.close();
    go('/');
  };
  if (view.live) {
    return <div class="call-actions">{isAdmin.value ? <PauseButton view={view} /> : null}</div>;
  }
  return (
    <div class="call-actions">
      <a class="button" href={`/api/v1/calls/${callId}/transcript?format=txt`} download={`sidetone-${callId}.txt`}>
        Transcript
      </a>
      {isAdmin.value ? (
        <>
          <PutRight view={view} voices={voicesIn(model.utterances.value)} onDone={() => model.reload()} />
          <button type="button" class="button" disabled={busy.value} onClick={() => void run(makeExport)}>
            Export
          </button>
          <button type="button" class="button danger" onClick={() => dialog.current?.showModal()}>
            Delete
          </button>
        </>
      ) : null}
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
      <dialog ref={dialog} aria-labelledby="delete-title">
        <h2 id="delete-title">Delete this call?</h2>
        <p>
          Its transcript, findings and recording are erased for good, and every export that holds it. That you did so
          stays on record.
        </p>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="button" class="button danger" disabled={busy.value} onClick={() => void run(remove)}>
            Delete for good
          </button>
        </div>
      </dialog>
    </div>
  );
}
