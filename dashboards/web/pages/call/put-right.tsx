import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { CallCorrection } from '#analytics/types.ts';
import type { Party, PartyRole } from '#sip/types.ts';
import { api } from '../../client/api.ts';
import { useBusy } from '../../client/busy.ts';
import { textFields } from '../../client/form.ts';
import { partyAndSide, sideName } from '../../client/sides.ts';
import type { SharedVoice } from '../../client/voices.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import type { CallAnswer } from '../../../api/answers.ts';

const roles: readonly PartyRole[] = ['agent', 'customer', 'unknown'];

/** Who called whom, and who is the agent: what signalling told wrongly is put right by a person. */
export function PutRight(props: {
  readonly view: CallAnswer;
  readonly voices: readonly SharedVoice[];
  readonly onDone: () => Promise<void>;
}) {
  const { view, voices, onDone } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const swapped = useSignal(false);
  const { busy, problem, run } = useBusy();
  const canSwap = view.parties.some(({ side }) => side === 'caller' || side === 'callee');
  const save = async (form: HTMLFormElement): Promise<void> => {
    const body = correctionOf(view.parties, voices, swapped.value, textFields(form));
    if (body !== undefined) await api(`/calls/${view.callId}`, { method: 'PATCH', body });
    dialog.current?.close();
    if (body !== undefined) await onDone();
  };
  return (
    <>
      <button type="button" class="button" onClick={() => dialog.current?.showModal()}>
        Put right
      </button>
      <dialog
        ref={dialog}
        aria-labelledby="put-right-title"
        onClose={(event) => {
          swapped.value = false;
          event.currentTarget.querySelector('form')?.reset();
        }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const form = event.currentTarget;
            void run(() => save(form));
          }}
        >
          <h2 id="put-right-title">Who is who?</h2>
          <p class="hint">
            Transcript, findings, talk times and sentiment are worked out anew. Who changed it stays on record.
          </p>
          {canSwap ? (
            <label class="check">
              <input
                type="checkbox"
                checked={swapped.value}
                onChange={(event) => (swapped.value = event.currentTarget.checked)}
              />
              <span>
                Swap caller and callee: {sideName(view.parties, 'callee')} called {sideName(view.parties, 'caller')}
              </span>
            </label>
          ) : null}
          {view.parties.map((party) => (
            <label key={party.partyId} class="field">
              <span>Role of {partyAndSide(view.parties, party)}</span>
              <select name={party.partyId}>
                {roles.map((role) => (
                  <option key={role} value={role} selected={role === party.role}>
                    {role}
                  </option>
                ))}
              </select>
            </label>
          ))}
          {voices.map((voice) => (
            <label key={voiceField(voice)} class="field">
              <span>Who is {voice.unnamed}?</span>
              <input
                name={voiceField(voice)}
                maxLength={100}
                autocomplete="off"
                defaultValue={nameOf(voice) ?? ''}
                placeholder="nobody knows"
              />
            </label>
          ))}
          {problem.value === '' ? null : <ProblemNote message={problem.value} />}
          <div class="dialog-buttons">
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" class="button primary" disabled={busy.value}>
              {busy.value ? 'Working it out …' : 'Put right'}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}

/** Undefined: nothing was changed. */
function correctionOf(
  parties: readonly Party[],
  voices: readonly SharedVoice[],
  swapSides: boolean,
  text: (name: string) => string,
): CallCorrection | undefined {
  const changed = parties.flatMap((party) => {
    const role = roles.find((each) => each === text(party.partyId));
    return role === undefined || role === party.role ? [] : [[party.partyId, role] as const];
  });
  const speakers = voices.flatMap((voice) => {
    const name = text(voiceField(voice)).trim() || null;
    return name === nameOf(voice) ? [] : [{ side: voice.side, label: voice.label, name }];
  });
  if (!swapSides && changed.length === 0 && speakers.length === 0) return undefined;
  return { swapSides, roles: Object.fromEntries(changed), speakers };
}

function voiceField({ side, label }: SharedVoice): string {
  return `voice ${side} ${label}`;
}

function nameOf({ speaker, unnamed }: SharedVoice): string | null {
  return speaker === unnamed ? null : speaker;
}
