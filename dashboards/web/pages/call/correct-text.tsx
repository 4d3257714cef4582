import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Utterance } from '#analytics/types.ts';
import { api } from '../../client/api.ts';
import { useBusy } from '../../client/busy.ts';
import { textFields } from '../../client/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';

/** The words of one utterance, to be put right in their place. */
export function CorrectText(props: {
  readonly utterance: Utterance;
  readonly onDone: () => Promise<void>;
  readonly onCancel: () => void;
}) {
  const { utterance, onDone, onCancel } = props;
  const { busy, problem, run } = useBusy();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const save = async (form: HTMLFormElement): Promise<void> => {
    const text = textFields(form)('text').trim();
    const path = `/calls/${utterance.callId}/utterances/${utterance.utteranceId}`;
    if (text !== utterance.text) await api(path, { method: 'PATCH', body: { text } });
    onCancel();
    if (text !== utterance.text) await onDone();
  };
  return (
    <form
      class="correct-text"
      onKeyDown={(event) => {
        // The arrows move within the text, and not from row to row.
        event.stopPropagation();
        if (event.key === 'Escape') onCancel();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        void run(() => save(form));
      }}
    >
      <textarea
        ref={field}
        name="text"
        rows={Math.min(8, 1 + Math.ceil(utterance.text.length / 60))}
        maxLength={5000}
        required
        aria-label="What was said"
        lang={utterance.language}
        defaultValue={utterance.text}
      />
      <p class="hint">
        What is masked, such as [CARD], stays. The first text is kept, and who changed it is on record.
      </p>
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={busy.value}>
          {busy.value ? 'Working it out …' : 'Put right'}
        </button>
      </div>
    </form>
  );
}

interface Earlier {
  readonly revision: number;
  readonly textBy: string;
  readonly text: string;
}
const authors: Readonly<Record<string, string>> = {
  recogniser: 'heard during the call',
  'second-pass': 'heard again after it',
  person: 'put right',
};

/** Whose words these are, where not the recogniser's of the call; opened, what stood there before. */
export function TextStory({ utterance }: { readonly utterance: Utterance }) {
  const earlier = useSignal<readonly Earlier[] | undefined>(undefined);
  const { problem, run } = useBusy();
  const { textBy, callId, utteranceId } = utterance;
  if (textBy === undefined) return null;
  const load = async (): Promise<void> => {
    const { items } = await api<{ items: Earlier[] }>(`/calls/${callId}/utterances/${utteranceId}/revisions`);
    earlier.value = items;
  };
  return (
    <details
      class="text-story"
      onToggle={(event) => {
        if (event.currentTarget.open && earlier.value === undefined) void run(load);
      }}
    >
      <summary>{textBy === 'person' ? 'put right by a person' : 'heard again after the call'}</summary>
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
      {earlier.value?.map(({ revision, textBy: author, text }) => (
        <p key={revision} class="earlier-text">
          <span class="hint">{authors[author] ?? author}:</span> {text}
        </p>
      ))}
    </details>
  );
}
