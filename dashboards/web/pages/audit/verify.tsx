import { useSignal } from '@preact/signals';
import type { AuditVerdict } from '#db/types.ts';
import { api, sayProblem } from '../../client/api.ts';

/** The button that has the chain checked, and what came of it. */
export function Verify() {
  const says = useSignal<{ readonly good: boolean; readonly text: string } | undefined>(undefined);
  const busy = useSignal(false);
  const verify = async (): Promise<void> => {
    busy.value = true;
    try {
      const verdict = await api<AuditVerdict>('/audit/verify', { method: 'POST' });
      says.value = { good: verdict.intact, text: verdictWords(verdict) };
    } catch (thrown) {
      says.value = { good: false, text: sayProblem(thrown) };
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class="verify">
      <span role="status" class={says.value === undefined ? '' : says.value.good ? 'good' : 'bad'}>
        {says.value?.text}
      </span>
      <button type="button" class="button" disabled={busy.value} onClick={() => void verify()}>
        {busy.value ? 'Verifying …' : 'Verify the chain'}
      </button>
    </div>
  );
}

function verdictWords(verdict: AuditVerdict): string {
  if (verdict.intact)
    return `Intact: ${verdict.rows} rows, signed head ${verdict.headSignature}, outside head ${verdict.outsideHead}.`;
  const where = verdict.firstWrongSequence === null ? '' : ` First wrong row: ${verdict.firstWrongSequence}.`;
  return `Broken: ${verdict.explanation}${where}`;
}
