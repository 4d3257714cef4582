import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api } from '../../client/api.ts';
import { reasonSentence } from '../../client/assurance-words.ts';
import { useBusy } from '../../client/busy.ts';
import { clockTime, kebabToWords } from '../../client/format.ts';
import { go } from '../../client/router.ts';
import { isAdmin } from '../../client/session.ts';
import { namesBySide } from '../../client/sides.ts';
import { sourceWords } from '../../client/source-words.ts';
import { Moment } from '../../parts/moment.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { PageTitle } from '../../parts/shell.tsx';
import { ConnectionMark } from '../calls/live-calls.tsx';
import type { CallAnswer } from '../../../api/answers.ts';
import { Alarms } from './alarms.tsx';
import type { CallModel } from './call-state.ts';
import { PauseButton, PausedNote } from './pausing.tsx';
import { PutRight } from './put-right.tsx';

const flagWords: Readonly<Record<string, readonly [string, string]>> = {
  unredacted: ['Unredacted', 'Parts of this recording were kept without having been checked for card numbers.'],
  excluded: ['Not kept', 'By route or header this call was not to be recorded or transcribed.'],
  partial: ['Partial', 'Something of this call is missing.'],
  missing: ['Missing', 'Sound was to be kept, and none is there.'],
  'no-recording': ['No recording', 'There is no sound of this call.'],
  'late-redaction': ['Redacted late', 'Something was found after it had been stored, and was then taken out.'],
};

export function CallHeader({ model, view }: { readonly model: CallModel; readonly view: CallAnswer }) {
  return (
    <header class="call-header">
      <div class="call-header-words">
        <PageTitle>
          <Who view={view} />
        </PageTitle>
        <p class="call-facts">
          <Moment at={view.startedAt} to="zoned" />
          <span>
            {view.sourceName} ({sourceWords[view.source]})
          </span>
          <Length view={view} />
          {view.termination === null ? null : (
            <span class={`result result-${view.termination.result}`}>
              {kebabToWords(view.termination.reason)}
              {view.termination.sipStatus === null ? '' : ` (${view.termination.sipStatus})`}
            </span>
          )}
          {model.connection.value === 'ended' ? null : <ConnectionMark state={model.connection.value} />}
        </p>
        {view.flags.length === 0 ? null : (
          <ul class="flags">
            {view.flags
              .map((each) => wordedFlag(view, each))
              .map((flag) => (
                <li key={flag} class={`flag flag-${flag}`}>
                  <strong>{flagWords[flag]?.[0] ?? flag}.</strong> {flagSentence(view, flag)}
                  {explainedByNotes.has(flag) ? <Reasons notes={view.notes} /> : null}
                </li>
              ))}
          </ul>
        )}
        <PausedNote view={view} />
        <Alarms view={view} />
      </div>
      <Actions model={model} view={view} />
    </header>
  );
}

/** `callee, agent`: the side where the name does not say it, and the role where it is known. */
function sideAndRole(parties: CallAnswer['parties'], side: string, name: string): string {
  const roles = parties.filter((party) => party.side === side && party.role !== 'unknown').map(({ role }) => role);
  return [...(name === side ? [] : [side]), ...new Set(roles)].join(', ');
}

/** The parties by name and, where the name does not say it, by side; in the colour of that side. */
function Who({ view }: { readonly view: CallAnswer }) {
  return (
    <>
      {namesBySide(view.parties).map(({ side, before, name }) => (
        <>
          <span class="faint">{before}</span>
          {name}
          <span class={`title-side speaker-${side}`}>{sideAndRole(view.parties, side, name)}</span>
        </>
      ))}
    </>
  );
}

/** That there is no recording says less than that there should be one. */
function wordedFlag({ assurance }: CallAnswer, flag: CallAnswer['flags'][number]): string {
  return flag === 'no-recording' && assurance?.verdict === 'missing' ? 'missing' : flag;
}

/** The reason of the verdict where there is one; what the flag means where not. */
function flagSentence({ assurance }: CallAnswer, flag: string): string | undefined {
  if (assurance !== null && assurance.verdict === flag) return reasonSentence(assurance.reason);
  return flagWords[flag]?.[1];
}

const explainedByNotes: ReadonlySet<string> = new Set(['partial', 'missing', 'unredacted']);
const partOfAnyCall: ReadonlySet<string> = new Set([
  'hold',
  'resume',
  'paused',
  'resumed',
  'transfer',
  'sides-swapped',
  'roles-changed',
]);

/** Why: what the history notes, but for what is part of any call. */
function Reasons({ notes }: { readonly notes: CallAnswer['notes'] }) {
  const reasons = notes.filter(({ note }) => !partOfAnyCall.has(note));
  if (reasons.length === 0) return null;
  return (
    <ul class="flag-reasons">
      {reasons.map(({ atMs, note, detail }) => (
        <li>
          {kebabToWords(note)}
          {atMs === null ? '' : ` at ${clockTime(atMs)}`}
          {detail === '' ? '' : `: ${detail}`}
        </li>
      ))}
    </ul>
  );
}

function Length({ view: call }: { readonly view: CallAnswer }) {
  const nowEpochMs = useSignal(Date.now());
  useEffect(() => {
    if (!call.live) return undefined;
    const ticking = setInterval(() => (nowEpochMs.value = Date.now()), 1000);
    return () => clearInterval(ticking);
  }, [call.live]);
  if (!call.live)
    return call.durationMs === null ? <span>not answered</span> : <span>{clockTime(call.durationMs)}</span>;
  if (call.answeredAt === null) return <span>{call.state}</span>;
  return <span>{clockTime(nowEpochMs.value - Date.parse(call.answeredAt))}</span>;
}

function Actions({ model, view }: { readonly model: CallModel; readonly view: CallAnswer }) {
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
    return (
      <div class="call-actions">
        <PauseButton view={view} />
      </div>
    );
  }
  return (
    <div class="call-actions">
      <a class="button" href={`/api/v1/calls/${callId}/transcript?format=txt`} download={`sidetone-${callId}.txt`}>
        Transcript
      </a>
      {isAdmin.value ? (
        <>
          <PutRight view={view} onDone={() => model.reload()} />
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
