import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readDialogues } from '#analytics/eval/dialogues.ts';
import { createRedactor } from '#analytics/redaction/redactor.ts';
import { writtenSpans } from '#asr/numbers/written.ts';

/**
 * What written forms cost beside redaction, a turn, in one run: `node bench/written-forms.ts DIR`, a folder with
 * dialogues.jsonl or of such. Rounds of both take turns, the first of each is thrown away, and the least counts.
 */
const { positionals } = parseArgs({ allowPositionals: true });
const turns = readDialogues(resolve(positionals[0] ?? '.')).flatMap((corpus) =>
  corpus.dialogues.map((dialogue) =>
    dialogue.map(({ text }, index) => {
      const startMs = index * 4000;
      const words = text
        .split(/\s+/)
        .filter((word) => word !== '')
        .map((word, at) => ({
          text: word,
          startMs: startMs + at * 100,
          endMs: startMs + at * 100 + 90,
          confidence: 0.9,
        }));
      return { words, startMs, endMs: startMs + words.length * 100, text: words.map((word) => word.text).join(' ') };
    }),
  ),
);
const count = turns.reduce((sum, dialogue) => sum + dialogue.length, 0);

function writeAll(): void {
  for (const dialogue of turns) for (const { words } of dialogue) writtenSpans(words);
}

function redactAll(): void {
  for (const dialogue of turns) {
    const redactor = createRedactor({ sides: ['caller', 'callee'], holdMs: 30_000 });
    dialogue.forEach((turn, index) => {
      const side = index % 2 === 0 ? ('caller' as const) : ('callee' as const);
      const of = { callId: 'bench', segmentId: String(index), confidence: 0.9, language: 'en' };
      redactor.heard({ type: 'final', side, ...of, ...turn });
      for (const each of ['caller', 'callee'] as const)
        redactor.heard({ type: 'progress', callId: 'bench', side: each, decidedMs: turn.endMs, heardMs: turn.endMs });
    });
    redactor.finish();
  }
}

function usPerTurn(run: () => void): number {
  const startMs = performance.now();
  run();
  return ((performance.now() - startMs) * 1000) / count;
}

const rounds = Array.from({ length: 6 }, () => ({ written: usPerTurn(writeAll), redaction: usPerTurn(redactAll) }));
const least = (of: 'written' | 'redaction'): number => Math.min(...rounds.slice(1).map((round) => round[of]));
console.log(
  `${count} turns: written forms ${least('written').toFixed(1)} µs a turn, redaction ${least('redaction').toFixed(1)} µs, ` +
    `ratio ${(least('written') / least('redaction')).toFixed(3)}`,
);
