import { expect, test } from 'vitest';
import { exampleRow, refundCall } from '#test/dashboards/example-call.ts';
import { ScriptedCalls } from '#test/dashboards/scripted-calls.ts';
import { findCall } from './call-view.ts';
import type { ApiContext } from './context.ts';

test('of a running call each redaction and finding is there once, as it was last told', async () => {
  const live = new ScriptedCalls();
  const { redactions, findings } = refundCall('c', 0);
  const [redaction] = redactions;
  const [finding] = findings;
  if (redaction === undefined || finding === undefined) throw new Error('the example has both');
  live.tell({ type: 'call', call: exampleRow('c', 0, { state: 'active' }) });
  for (const endMs of [27_000, 28_800]) {
    live.tell({ type: 'redaction', callId: 'c', redaction: { ...redaction, endMs } });
    live.tell({ type: 'finding', callId: 'c', finding: { ...finding, endMs } });
  }
  const state = await findCall({ live: live as ApiContext['live'] } as ApiContext, 'c');
  expect(state.redactions).toEqual([{ ...redaction, endMs: 28_800 }]);
  expect(state.findings).toEqual([{ ...finding, endMs: 28_800 }]);
});
