import type { Call } from '#analytics/types.ts';
import { reasonSentence, verdictWords } from '../client/assurance-words.ts';
import { kebabToWords } from '../client/format.ts';

const chips = {
  complete: 'chip',
  partial: 'chip chip-warn',
  missing: 'chip chip-bad',
  excluded: 'chip',
  pending: 'chip',
} as const;

/** Whether a call is whole, in words, and the reason beside it where it is not. */
export function Completeness({ call }: { readonly call: Pick<Call, 'completeness' | 'assurance' | 'state'> }) {
  const { completeness, assurance } = call;
  if (completeness === 'pending')
    return <span class="chip">{call.state === 'ended' ? 'being finished' : 'in progress'}</span>;
  const sentence = assurance === null ? undefined : reasonSentence(assurance.reason);
  return (
    <span class="completeness" title={sentence}>
      <span class={chips[completeness]}>{verdictWords[completeness]}</span>
      {assurance === null || completeness === 'complete' ? null : (
        <span class="completeness-why">{kebabToWords(assurance.reason).toLowerCase()}</span>
      )}
    </span>
  );
}
