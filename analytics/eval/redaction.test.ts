import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readDialogues } from './dialogues.ts';
import { evaluateRedaction } from './redaction.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidetone-dialogues-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (turns: readonly object[]): void =>
  writeFileSync(join(folder, 'dialogues.jsonl'), turns.map((turn) => JSON.stringify(turn)).join('\n'));

test('counts what is masked and what waits, ordinary dialogues apart from those of cards', () => {
  write([
    { id: 'a', role: 'agent', text: 'Hello, how can I help you today?' },
    { id: 'a', role: 'customer', text: 'It is seven three nine' },
    { id: 'a', role: 'agent', text: 'Certainly, one moment please while somebody looks it up.' },
    { id: 'b', role: 'agent', text: 'What is your card number?' },
    { id: 'b', role: 'customer', text: 'It is 4111 1111 1111 1111' },
  ]);
  const [ordinary, cards] = evaluateRedaction(readDialogues(folder), 30_000);
  expect(ordinary).toMatchObject({ part: 'ordinary', dialogues: 1, words: 21, masks: 0, maskedPer1000Words: 0 });
  expect(ordinary?.atOnceShare).toBeCloseTo(2 / 3);
  expect(cards).toMatchObject({ part: 'of-cards', dialogues: 1, words: 11, masks: 1, maskedWords: 4 });
});

test('says which line is no turn, and where there are none', () => {
  write([{ id: 'a', role: 'agent', text: 'Hello' }, { id: 'a' }]);
  expect(() => readDialogues(folder)).toThrow(/line 2/);
  rmSync(join(folder, 'dialogues.jsonl'));
  expect(() => readDialogues(folder)).toThrow(expect.objectContaining({ code: 'bad-request' }));
});
