import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';

/** `agent` is the callee, any other role the caller. */
export interface WrittenTurn {
  readonly role: string;
  readonly text: string;
}

export interface DialogueCorpus {
  readonly name: string;
  readonly dialogues: readonly (readonly WrittenTurn[])[];
}

/**
 * The corpora in a folder: the folder itself where it has a `dialogues.jsonl` (a line `{id, role, text}` a turn, those
 * of one dialogue in order), else each folder in it that has one.
 * @throws SidetoneError `bad-request` when there is none, or on a line that is no such turn
 */
export function readDialogues(folder: string): DialogueCorpus[] {
  const has = (path: string): boolean => readdirSync(path).includes(fileName);
  const folders = has(folder)
    ? [folder]
    : readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(folder, name))
        .filter(has)
        .sort();
  if (folders.length === 0) throw new SidetoneError('bad-request', `no ${fileName} in ${folder}`);
  return folders.map(readCorpus);
}

const fileName = 'dialogues.jsonl';

function readCorpus(folder: string): DialogueCorpus {
  const path = join(folder, fileName);
  const dialogues = new Map<string, WrittenTurn[]>();
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    const turn = parseTurn(line);
    if (turn === undefined) throw new SidetoneError('bad-request', `${path}: line ${index + 1} is no {id, role, text}`);
    const turns = dialogues.get(turn.id) ?? [];
    if (turns.length === 0) dialogues.set(turn.id, turns);
    turns.push({ role: turn.role, text: turn.text });
  }
  return { name: basename(folder), dialogues: [...dialogues.values()] };
}

function parseTurn(line: string): (WrittenTurn & { readonly id: string }) | undefined {
  try {
    const row = JSON.parse(line) as Partial<Record<'id' | 'role' | 'text', unknown>> | null;
    if (typeof row?.id !== 'string' || typeof row.role !== 'string' || typeof row.text !== 'string') return undefined;
    return { id: row.id, role: row.role, text: row.text };
  } catch {
    return undefined;
  }
}
