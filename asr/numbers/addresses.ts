import { textAt, type Clause, type Match } from './atoms.ts';
import { readDigitRun } from './digit-runs.ts';

/** E-mail and web addresses: "john dot smith at gmail dot com", "w w w dot example dot org slash help". */

const domains =
  /^(?:com|org|net|edu|gov|io|ai|co|info|biz|us|uk|ca|de|fr|es|it|nl|eu|ch|at|be|au|in|jp|cn|ru|br|mx|tv|me|app|dev)$/;
const marks = new Map([
  ['dot', '.'],
  ['underscore', '_'],
  ['dash', '-'],
  ['hyphen', '-'],
  ['plus', '+'],
]);
/** Words that stand before an address and are none of it. */
const outside = new Set(
  (
    'is are was the my your our it its to at on in from and or of email mail address me you us him her them visit see go ' +
    'use for with by contact website that this a an'
  ).split(' '),
);

export function readAddress(clause: Clause, from: number): Match | undefined {
  return readEmail(clause, from) ?? readUrl(clause, from);
}

function readEmail(clause: Clause, from: number): Match | undefined {
  if (isInside(clause, from)) return undefined;
  const name = readName(clause, from, marks);
  if (name === undefined || textAt(clause, name.to) !== 'at') return undefined;
  // "A" alone is a name where nothing else is said before it.
  if (outside.has(name.text) && !(name.text === 'a' && from === 0)) return undefined;
  const domain = readDomain(clause, name.to + 1);
  return domain === undefined ? undefined : { to: domain.to, text: `${name.text}@${domain.text}`, kind: 'email' };
}

/** A word goes before that would have been read into the address: letters and figures that run on. */
function isInside(clause: Clause, from: number): boolean {
  return from > 0 && marks.has(textAt(clause, from - 1)) && textAt(clause, from - 1) !== 'plus' && from > 1;
}

function readUrl(clause: Clause, from: number): Match | undefined {
  let [to, head] = [from, ''];
  const scheme = readSpelled(clause, to);
  if (/^https?$/.test(scheme.text) && textAt(clause, scheme.to) === 'colon') {
    if (textAt(clause, scheme.to + 1) !== 'slash' || textAt(clause, scheme.to + 2) !== 'slash') return undefined;
    head = `${scheme.text}://`;
    to = scheme.to + 3;
  }
  const web = readSpelled(clause, to).text === 'www';
  const domain = readDomain(clause, to, head !== '' || web);
  if (domain === undefined || outside.has(textAt(clause, from))) return undefined;
  let text = head + domain.text;
  let end = domain.to;
  while (textAt(clause, end) === 'slash') {
    const path = readName(clause, end + 1, marks);
    if (path === undefined) break;
    text += `/${path.text}`;
    end = path.to;
  }
  return { to: end, text, kind: 'url' };
}

/** Labels with dots between them. The last is one of those in use; of letters spelled out, any. */
function readDomain(clause: Clause, from: number, isSure = true): { to: number; text: string } | undefined {
  const known = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.exec(textAt(clause, from));
  if (known !== null) return /\d+\.\d+/.test(known[0]) || !isSure ? undefined : { to: from + 1, text: known[0] };
  const labels: { to: number; text: string; spelled: boolean }[] = [];
  for (let at = from; ;) {
    const label = readLabel(clause, at, labels.length > 0);
    if (label === undefined) break;
    labels.push(label);
    at = label.to;
    if (textAt(clause, at) !== 'dot') break;
    at++;
  }
  while (labels.length > 1) {
    const last = labels.at(-1);
    const fits = last !== undefined && (domains.test(last.text) || (last.spelled && /^[a-z]{2,4}$/.test(last.text)));
    if (fits && last !== undefined) return { to: last.to, text: labels.map(({ text }) => text).join('.') };
    labels.pop();
  }
  return undefined;
}

/** Letters and digits one by one, or a word, or letters and then a word ("g mail"). `isLater`: no words run together. */
function readLabel(clause: Clause, from: number, isLater: boolean) {
  const spelled = readSpelled(clause, from);
  const next = textAt(clause, spelled.to);
  const isWord = /^[a-z][a-z0-9-]+$/.test(next) && !marks.has(next) && next !== 'at' && next !== 'slash';
  if (spelled.to > from && isWord && !isLater) return { to: spelled.to + 1, text: spelled.text + next, spelled: false };
  if (spelled.to > from) return { ...spelled, spelled: true };
  return isWord ? { to: from + 1, text: next, spelled: false } : undefined;
}

/** What stands before the "at": pieces that marks or nothing joins; of whole words one between two marks. */
function readName(clause: Clause, from: number, joints: ReadonlyMap<string, string>) {
  let [to, text] = [from, ''];
  for (;;) {
    const piece = readPiece(clause, to);
    if (piece === undefined) return undefined;
    text += piece.text;
    to = piece.to;
    const mark = joints.get(textAt(clause, to));
    if (mark === undefined) return { to, text };
    text += mark;
    to++;
  }
}

function readPiece(clause: Clause, from: number): { to: number; text: string } | undefined {
  const spelled = readSpelled(clause, from);
  const next = textAt(clause, spelled.to);
  const isWord = /^[a-z][a-z0-9.'_-]+$/.test(next) && !marks.has(next) && !/^(?:at|slash)$/.test(next);
  if (spelled.to > from && (spelled.text.length > 2 || !isWord)) return spelled;
  if (!isWord) return undefined;
  const after = readSpelled(clause, spelled.to + 1);
  return { to: after.to, text: spelled.text + next + after.text };
}

/** Single letters and digits, as many as there are. */
function readSpelled(clause: Clause, from: number): { to: number; text: string } {
  let [to, text] = [from, ''];
  for (;;) {
    const word = textAt(clause, to);
    const run = /^[a-z]$/.test(word) ? undefined : readDigitRun(clause, to);
    if (run === undefined && !/^[a-z]$/.test(word)) return { to, text };
    text += run?.digits ?? word;
    to = run?.to ?? to + 1;
  }
}
