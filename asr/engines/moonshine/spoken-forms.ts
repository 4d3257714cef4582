/**
 * What is said on telephones more often than in the talk that the model was trained on. A bonus is in nats, as if the
 * reading were e^bonus times as likely. Set on an4's train split, speech_commands_9w, asterisk_prompts and the digit
 * strings of speechocean762's train split (docs/accuracy.md).
 */
const digitBonus = 1;
const letterBonus = 1.5;
const oneWordBonus = 2.5;

const numberWords = new Set(
  (
    'zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
    'eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand double triple first second ' +
    'third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth ' +
    'seventeenth eighteenth nineteenth twentieth thirtieth'
  ).split(' '),
);
const answers = new Set(
  (
    'yes no okay right sure thanks hello bye correct please sorry maybe never always exactly absolutely nothing none ' +
    'help stop start go repeat cancel continue back next again enter up down left right on off in out operator agent ' +
    'representative more less last first previous menu balance billing payment sales support service account today ' +
    'tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january february march april may june ' +
    'july august september october november december morning afternoon evening hold wait what pardon who where when'
  ).split(' '),
);

/**
 * Words of a number and spelled letters. Two letters in a row are more likely words ("I C"), a number by itself half of
 * one.
 */
export function spokenBonus(text: string): number {
  const words = wordsOf(text);
  let sum = 0;
  for (let index = 0; index < words.length;) {
    let end = index;
    while (isSpoken(words[end])) end++;
    const run = words.slice(index, end);
    sum += run.reduce((all, word) => all + bonusOf(word, run.length), 0);
    index = end + 1;
  }
  return sum;
}

function bonusOf(word: string, run: number): number {
  if (isLetter(word)) return run > 2 ? letterBonus : 0;
  const figures = /^\d{2,}$/.test(word) ? word.length : 1;
  return digitBonus * (figures > 1 || run > 1 ? figures : 0.5);
}

/** A turn that is one word and an answer. */
export function answerBonus(text: string): number {
  const words = wordsOf(text);
  const [word = ''] = words;
  if (words.length === 2) return words.join(' ') === 'thank you' ? oneWordBonus : 0;
  return words.length === 1 && (answers.has(word) || (isNumber(word) && word !== 'oh')) ? oneWordBonus : 0;
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9']+/)
    .filter((word) => word !== '');
}

const isNumber = (word: string): boolean => numberWords.has(word) || /^\d+(?:st|nd|rd|th)?$/.test(word);
const isLetter = (word: string): boolean => /^[a-z]$/.test(word);
const isSpoken = (word: string | undefined): boolean => word !== undefined && (isNumber(word) || isLetter(word));
