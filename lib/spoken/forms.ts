import { belowHundred, cardinalWords, ordinalOf, smallNumbers } from './number-words.ts';

const maxForms = 8;
/** A token that holds a figure or is an address; anything else is said as it is written. */
const piece = /\S+@\S+|\S*\d\S*|(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+\S*/gi;

/**
 * How a text with figures may have been said in English, other than as it stands: "$50" is "fifty dollars", "4:30" "four
 * thirty", "4111" "four one one one" and "four thousand one hundred eleven" and "forty one eleven". Lower case; the
 * likeliest first, at most 8; none where nothing in it is written otherwise than it is said.
 */
export function spokenForms(text: string): string[] {
  let forms = [''];
  let at = 0;
  for (const match of text.matchAll(piece)) {
    const [token] = match;
    const [, lead = '', core = '', trail = ''] = /^([("'[]*)(.*?)([)"'\],;!?.:]*)$/s.exec(token) ?? [];
    const before = text.slice(at, match.index) + lead;
    // The last dot of "p.m." is not said.
    const tail = /^[ap]\.m$/i.test(core) ? trail.replace('.', '') : trail;
    const said = daySayings(text.slice(0, match.index), core) ?? sayings(core);
    forms = forms
      .flatMap((form) => (said.length === 0 ? [core] : said).map((saying) => form + before + saying + tail))
      .slice(0, maxForms);
    at = match.index + token.length;
  }
  const rest = text.slice(at);
  const plain = text.toLowerCase().trim();
  return [...new Set(forms.map((form) => (form + rest).toLowerCase().trim()))].filter((form) => form !== plain);
}

type Saying = (match: RegExpExecArray) => string[];

const readings: readonly (readonly [RegExp, Saying])[] = [
  [/^([$€£¥])(\d[\d,]*)(?:\.(\d\d))?$/, ([, sign = '', whole = '', cents]) => money(sign, whole, cents)],
  [/^(\d[\d,]*(?:\.\d+)?)%$/, ([, number = '']) => numbers(number).map((each) => `${each} percent`)],
  [/^(\d{1,2}):(\d\d)$/, ([, hour = '', minute = '']) => times(Number(hour), minute)],
  [/^(\d+)(?:st|nd|rd|th)$/i, ([, number = '']) => ordinals(number)],
  [/^(\d\d\d0|\d0)s$/, ([, number = '']) => decades(number)],
  [/^\d+\.\d+$|^\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^\d+$/, ([all]) => numbers(all)],
  [/^\+?\d+(?:[-.]\d+)+$/, ([all]) => digits(all.replace(/\D/g, ''))],
  [/^([ap])\.m$/i, ([, half = '']) => [`${half} m`, `${half}m`]],
  [/^(\d+)\/(\d+)$/, ([, top = '', bottom = '']) => [`${numbers(top)[0]} ${numbers(bottom)[0]}`]],
  [/^(?=.*\d)[a-z0-9]+(?:-[a-z0-9]+)*$/i, ([all]) => codes(all.replaceAll('-', ''))],
  [/^.*[@.].*$/s, ([all]) => address(all)],
];

const monthBefore = /\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+$/i;

/** "July 25": an ordinal more often than not. */
function daySayings(before: string, token: string): string[] | undefined {
  if (!/^\d{1,2}$/.test(token) || !monthBefore.test(before)) return undefined;
  return [...ordinals(token), ...numbers(token)];
}

function sayings(token: string): string[] {
  for (const [pattern, say] of readings) {
    const match = pattern.exec(token);
    if (match !== null) return say(match);
  }
  return [];
}

function money(sign: string, whole: string, cents: string | undefined): string[] {
  const name = { $: 'dollar', '€': 'euro', '£': 'pound' }[sign] ?? 'yen';
  return numbers(whole).flatMap((number) => {
    const main = `${number} ${name}${number === 'one' || name === 'yen' ? '' : 's'}`;
    if (cents === undefined || cents === '00') return [main];
    const part = belowHundred(Number(cents));
    return [`${main} and ${part} ${sign === '£' ? 'pence' : 'cents'}`, `${main} ${part} cents`, `${main} ${part}`];
  });
}

function times(hour: number, minute: string): string[] {
  if (hour > 24 || Number(minute) > 59) return [];
  const said = belowHundred(hour);
  if (minute === '00') return [said, `${said} o'clock`, `${said} hundred`];
  const past = minute.startsWith('0') ? `oh ${belowHundred(Number(minute))}` : belowHundred(Number(minute));
  return [`${said} ${past}`];
}

function ordinals(number: string): string[] {
  return numbers(number)
    .slice(0, 1)
    .map((words) => words.replace(/\S+$/, (last) => ordinalOf(last)));
}

function decades(number: string): string[] {
  const plural = belowHundred(Number(number.slice(-2))).replace(/y$/, 'ies');
  return number.length === 2 ? [plural] : [`${belowHundred(Number(number.slice(0, 2)))} ${plural}`];
}

/** As a number, by the digit, and four digits in pairs. */
function numbers(written: string): string[] {
  const [whole = '', fraction] = written.replaceAll(',', '').split('.');
  if (fraction !== undefined)
    return [
      `${whole === '' ? '' : `${cardinal(whole)} `}point ${byDigit(fraction)}`,
      `${cardinal(whole)} point ${byDigit(fraction, 'oh')}`,
    ];
  if (whole.length > 1 && whole.startsWith('0')) return digits(whole);
  if (whole.length > 24) return digits(whole);
  const value = BigInt(whole);
  const forms = [cardinalWords(value)];
  if (whole.length > 2) forms.push(cardinalWords(value, true), ...digits(whole));
  if (whole.length === 4 && !whole.endsWith('000')) forms.push(inPairs(whole));
  return [...new Set(forms)];
}

function cardinal(whole: string): string {
  return whole === '' ? 'zero' : cardinalWords(BigInt(whole));
}

function inPairs(four: string): string {
  const rest = Number(four.slice(2));
  const tail = rest === 0 ? 'hundred' : rest < 10 ? `oh ${belowHundred(rest)}` : belowHundred(rest);
  return `${belowHundred(Number(four.slice(0, 2)))} ${tail}`;
}

function digits(figures: string): string[] {
  return [...new Set([byDigit(figures), byDigit(figures, 'oh')])];
}

function byDigit(figures: string, zero = 'zero'): string {
  return Array.from(figures, (digit) => (digit === '0' ? zero : (smallNumbers[Number(digit)] ?? digit))).join(' ');
}

/** Letters one by one, figures by the digit or as a number. */
function codes(code: string): string[] {
  const parts = code.match(/\d+|[a-z]+/gi) ?? [];
  const say = (number: (figures: string) => string): string =>
    parts.map((part) => (/\d/.test(part) ? number(part) : Array.from(part).join(' '))).join(' ');
  return [...new Set([say((figures) => byDigit(figures)), say((figures) => numbers(figures)[0] ?? figures)])];
}

function address(written: string): string[] {
  const marks: Readonly<Record<string, string>> = { '@': 'at', '.': 'dot', '-': 'dash', _: 'underscore', '/': 'slash' };
  const said = written.replace(/^https?:\/\//, '').replace(/[@._/-]/g, (mark) => ` ${marks[mark] ?? ''} `);
  return [
    said
      .replace(/\d+/g, (figures) => ` ${byDigit(figures)} `)
      .replace(/\s+/g, ' ')
      .trim(),
  ];
}
