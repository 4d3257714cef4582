import { reasonSentence } from '../../client/assurance-words.ts';
import { clockTime, kebabToWords } from '../../client/format.ts';
import type { CallAnswer } from '../../../api/answers.ts';

const flagWords: Readonly<Record<string, readonly [string, string]>> = {
  unredacted: ['Unredacted', 'Parts of this recording were kept without having been checked for card numbers.'],
  excluded: ['Not kept', 'By route or header this call was not to be recorded or transcribed.'],
  partial: ['Partial', 'Something of this call is missing.'],
  missing: ['Missing', 'Sound was to be kept, and none is there.'],
  'no-recording': ['No recording', 'There is no sound of this call.'],
  'late-redaction': ['Redacted late', 'Something was found after it had been stored, and was then taken out.'],
};

/** What a listener must know before trusting the call, and why it is so. */
export function Flags({ view }: { readonly view: CallAnswer }) {
  if (view.flags.length === 0) return null;
  return (
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
