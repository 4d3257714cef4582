import { numbersAsDigits } from './numbers-as-digits.ts';

/**
 * English text as words for counting recognition errors: case, punctuation, fillers, spelling variants, contractions and
 * the way of writing numbers do not count as errors; every other difference does.
 */
export function normaliseWords(text: string): string[] {
  const hasLowerCase = /[a-z]/.test(text);
  const prepared = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[\u2018\u2019\u02bc`]/g, "'")
    .replace(/\b(?:[A-Za-z]\.){2,}/g, (letters) => ` ${letters.replaceAll('.', ' ')} `)
    .replace(/\b[A-Z]{2,}\b/g, (word) => (hasLowerCase ? word.split('').join(' ') : word))
    .toLowerCase()
    .replace(/(\d),(?=\d{3}\b)/g, '$1')
    .replace(/(\d)\.(?=\d)/g, '$1 point ')
    .replace(/(\d)(st|nd|rd|th)\b/g, (written, digit: string) => ordinals.get(written) ?? `${digit} `)
    .replace(/\$(\d+)/g, '$1 dollars')
    .replaceAll('%', ' percent ')
    .replaceAll('&', ' and ')
    .replace(/(\d)(?=[a-z])|([a-z])(?=\d)/g, '$& ');
  const words = prepared
    .replace(/[^a-z0-9']+/g, ' ')
    .split(' ')
    .flatMap((word) => expand(word.replace(/^'+|'+$/g, '')))
    .filter((word) => word !== '' && !fillers.has(word));
  return numbersAsDigits(words);
}

function expand(word: string): string[] {
  const whole = variants.get(word);
  if (whole !== undefined) return whole.split(' ');
  const [, stem, ending] = /^(.+?)('(?:re|ve|ll|d|m|s)|n't)$/.exec(word) ?? [];
  if (stem === undefined || ending === undefined) return [variant(word.replaceAll("'", ''))];
  if (ending === "'s") return subjects.has(stem) ? [stem, 'is'] : [`${stem}s`];
  return [stem, endings.get(ending) ?? ''];
}

/** British spellings as American ones. */
function variant(word: string): string {
  return word
    .replace(/(col|fav|hon|lab|neighb|behavi|harb|hum|flav|vap|rum)our/, '$1or')
    .replace(/(real|organ|recogn|apolog|critic|emphas|sympath|civil)is(e|ed|es|ing|ation)$/, '$1iz$2')
    .replace(/^(cent|theat|met|lit|fib)re(s?)$/, '$1er$2')
    .replace(/(travel|cancel|marvel|counsel|jewel)l(ed|ing|er|ers)$/, '$1$2');
}

const fillers = new Set(['uh', 'um', 'uhm', 'er', 'erm', 'hmm', 'hm', 'mm', 'ah']);
const subjects = new Set('it that he she what there here who where how when this one everything'.split(' '));
const endings = new Map([
  ["'re", 'are'],
  ["'ve", 'have'],
  ["'ll", 'will'],
  ["'d", 'would'],
  ["'m", 'am'],
  ["n't", 'not'],
]);
const variants = new Map([
  ["won't", 'will not'],
  ["can't", 'can not'],
  ["shan't", 'shall not'],
  ["let's", 'let us'],
  ["o'clock", 'o clock'],
  ['cannot', 'can not'],
  ['gonna', 'going to'],
  ['wanna', 'want to'],
  ['ok', 'okay'],
  ['alright', 'all right'],
  ['mr', 'mister'],
  ['mrs', 'missus'],
  ['dr', 'doctor'],
  ['grey', 'gray'],
  ['programme', 'program'],
  ['yeah', 'yes'],
]);
const ordinals = new Map(
  'first second third fourth fifth sixth seventh eighth ninth'
    .split(' ')
    .map((word, index) => [`${index + 1}${['st', 'nd', 'rd'][index] ?? 'th'}`, word]),
);
