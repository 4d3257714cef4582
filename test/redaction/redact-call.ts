import { createRedactor } from '#analytics/redaction/redactor.ts';
import { gather, leaks, type Remains } from './clean.ts';
import type { CallScript, ScriptTurn } from './script.ts';
import { heardApart, simulateCall, type RecogniserMistakes } from './simulated-recogniser.ts';
import { seededRandom } from '#lib/testing/random.ts';

/**
 * A script through the simulated recogniser and the redactor; `leaks` is empty when nothing is given away. `heardOn` says
 * which channel carries each turn; default: its side's.
 */
export function redactCall(
  script: CallScript,
  mistakes: RecogniserMistakes,
  seed: number,
  heardOn = heardApart,
): Remains & { readonly leaks: readonly string[] } {
  const call = simulateCall(script, mistakes, seededRandom(seed), heardOn);
  const redactor = createRedactor({ holdMs: 30_000, sides: heardOn.sides });
  const outputs = [...call.events.map((event) => redactor.heard(event)), redactor.finish()];
  const remains = gather(outputs);
  return { ...remains, leaks: leaks(remains, script, call.stretches) };
}

export function scriptOf(name: string, turns: readonly ScriptTurn[], cards: readonly string[] = []): CallScript {
  return {
    name,
    turns,
    cards,
    codes: [],
    pins: [],
    orders: [],
    spliced: false,
    lossPercent: 0,
    voice: { caller: 0, callee: 1 },
  };
}
