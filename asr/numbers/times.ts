import { isAll, textAt, wordsBefore, type Clause, type Match } from './atoms.ts';
import { digitValue, readCardinal } from './cardinals.ts';

/** Times of day, 12-hour: `4:30`, `4:30 p.m.` */

interface Half {
  readonly to: number;
  readonly text: string;
}

export function readTime(clause: Clause, from: number): Match | undefined {
  return readRelative(clause, from) ?? readAbsolute(clause, from);
}

function readAbsolute(clause: Clause, from: number): Match | undefined {
  const hour = readHour(clause, from);
  if (hour === undefined) return undefined;
  const clock = readOclock(clause, hour.to);
  const minute = clock === undefined ? readMinute(clause, hour) : undefined;
  const to = clock ?? minute?.to ?? hour.to;
  const half = readHalf(clause, to);
  const text = `${hour.value}:${minute?.text ?? '00'}`;
  if (half !== undefined) return { to: half.to, text: text + half.text, kind: 'time' };
  if (clock !== undefined) return { to, text, kind: 'time' };
  if (minute === undefined || !isBareTime(clause, from, to, hour.value, Number(minute.text))) return undefined;
  return { to, text, kind: 'time' };
}

function readHour(clause: Clause, from: number) {
  const written = /^(\d{1,2}):(\d\d)$/.exec(textAt(clause, from));
  if (written !== null) return { to: from + 1, value: Number(written[1]), minutes: written[2] };
  const number = readCardinal({ ...clause, atoms: clause.atoms.slice(0, from + 1) }, from);
  if (number === undefined || number.value < 1n || number.value > 12n) return undefined;
  return { to: number.to, value: Number(number.value), minutes: undefined };
}

function readMinute(clause: Clause, hour: NonNullable<ReturnType<typeof readHour>>) {
  if (hour.minutes !== undefined) return { to: hour.to, text: hour.minutes };
  const first = textAt(clause, hour.to);
  if (first === 'oh' || first === 'o') {
    const digit = digitValue(textAt(clause, hour.to + 1));
    return digit === undefined ? undefined : { to: hour.to + 2, text: `0${digit}` };
  }
  const number = readCardinal({ ...clause, atoms: clause.atoms.slice(0, hour.to + 2) }, hour.to);
  if (number === undefined || number.value < 10n || number.value > 59n) return undefined;
  return { to: number.to, text: String(number.value) };
}

function readOclock(clause: Clause, at: number): number | undefined {
  if (/^o'?clock$/.test(textAt(clause, at))) return at + 1;
  return textAt(clause, at) === 'o' && textAt(clause, at + 1) === 'clock' ? at + 2 : undefined;
}

/** "p m", and not the "am" of "the one am I". */
function readHalf(clause: Clause, at: number): Half | undefined {
  const [one, two] = [textAt(clause, at), textAt(clause, at + 1)];
  if (/^[ap]m$/.test(one) && !(one === 'am' && two === 'i')) return readZone(clause, at + 1, ` ${one[0]}.m.`);
  return /^[ap]$/.test(one) && two === 'm' ? readZone(clause, at + 2, ` ${one}.m.`) : undefined;
}

/** The zone spelled after it: "e s t". */
function readZone(clause: Clause, at: number, text: string): Half {
  const letters = [0, 1, 2].map((offset) => textAt(clause, at + offset)).join(' ');
  if (!/^(?:[ecmp] [sd] t|g m t|u t c)$/.test(letters)) return { to: at, text };
  return { to: at + 3, text: `${text} ${letters.replaceAll(' ', '').toUpperCase()}` };
}

const timely =
  /^(?:at|by|around|before|after|until|till|it's|tomorrow|today|tonight|morning|afternoon|evening|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$/;
const timelyAfter = /^(?:tomorrow|today|tonight|sharp|on|in)$/;
const priced = /^(?:cost|costs|price|pay|paid|charge|charged|room|flight|number|suite|highway|route|order|dollars)$/;
const counted =
  /^(?:minutes?|hours?|days?|weeks?|months?|years?|people|percent|dollars?|cents|miles|times|pounds|feet|inches|of|guests|hundred|thousand)$/;

/** "Two thirty" is a time where the talk says so; with nothing around it, it is likelier one than anything else. */
function isBareTime(clause: Clause, from: number, to: number, hour: number, minute: number): boolean {
  const before = wordsBefore(clause, from, 3);
  const [next, last] = [textAt(clause, to), before.at(-1) ?? ''];
  if (/^\d+:\d\d$/.test(textAt(clause, from)) || counted.test(next) || readCardinal(clause, to) !== undefined)
    return false;
  if (wordsBefore(clause, from, 6).some((word) => priced.test(word))) return false;
  if (before.some((word) => timely.test(word)) && !(last === 'for' && minute % 5 !== 0)) return true;
  if (timelyAfter.test(next) && minute % 5 === 0) return true;
  return isAll(clause, from, to) && (hour < 10 || minute % 15 === 0);
}

/** "Half past three", "quarter to one", "ten to eleven p m". */
function readRelative(clause: Clause, from: number): Match | undefined {
  const start = textAt(clause, from) === 'a' && textAt(clause, from + 1) === 'quarter' ? from + 1 : from;
  const word = textAt(clause, start);
  const number = word === 'half' || word === 'quarter' ? undefined : readCardinal(clause, start);
  const minutes = word === 'half' ? 30 : word === 'quarter' ? 15 : Number(number?.value ?? 0n);
  if (minutes < 1 || minutes > 30) return undefined;
  let at = number?.to ?? start + 1;
  const said = /^min(?:ute)?s?$/.test(textAt(clause, at));
  if (said) at++;
  const direction = textAt(clause, at);
  if (!/^(?:past|to|after|before)$/.test(direction)) return undefined;
  if (/^(?:after|before)$/.test(direction) && word !== 'quarter') return undefined;
  const hour = readHour(clause, at + 1);
  if (hour === undefined || hour.minutes !== undefined) return undefined;
  const clock = readOclock(clause, hour.to) ?? hour.to;
  const half = readHalf(clause, clock);
  const isNamed = word === 'half' ? direction === 'past' : word === 'quarter';
  // "Two to three" and "ten past five" need more than that to be a time.
  if (!isNamed && half === undefined && clock === hour.to) return undefined;
  const backwards = direction === 'to' || direction === 'before';
  const hours = backwards ? (hour.value === 1 ? 12 : hour.value - 1) : hour.value;
  const past = String(backwards ? 60 - minutes : minutes).padStart(2, '0');
  return { to: half?.to ?? clock, text: `${hours}:${past}${half?.text ?? ''}`, kind: 'time' };
}
