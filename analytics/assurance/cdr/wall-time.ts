/** Times as PBXes write them in their CDR files. */

const epochSeconds = /^\d{9,10}(?:\.\d{1,9})?$/;
const epochMilliseconds = /^\d{13}$/;
const written = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/i;
const dayMs = 86_400_000;

/**
 * Epoch seconds or milliseconds, or `2026-11-25 10:00:00` with or without fraction and offset; without one it is the wall
 * time of `timeZone` (of two such moments, when clocks go back, the first).
 * @returns ms since 1970; null where there is no time (empty, 0); undefined for anything else
 */
export function parseCdrTime(text: string, timeZone: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || /^0(\.0+)?$/.test(trimmed) || trimmed.startsWith('0000-00-00')) return null;
  if (epochSeconds.test(trimmed)) return Math.round(Number(trimmed) * 1000);
  if (epochMilliseconds.test(trimmed)) return Number(trimmed);
  const match = written.exec(trimmed);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', offset] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  // No PBX wrote it, and no database keeps the year 0.
  if (Number(year) < 1970) return undefined;
  const asUtcMs = Date.parse(`${iso}Z`);
  // The 31st of February, hour 25.
  if (Number.isNaN(asUtcMs) || new Date(asUtcMs).toISOString().slice(0, 19) !== iso) return undefined;
  const moment = offset === undefined ? fromWallTime(asUtcMs, timeZone) : asUtcMs - offsetOf(offset);
  return moment + Math.floor(Number(`0.${fraction || '0'}`) * 1000);
}

function offsetOf(text: string): number {
  if (/z/i.test(text)) return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * (Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))) * 60_000;
}

function fromWallTime(asUtcMs: number, timeZone: string): number {
  const before = zoneOffsetMs(timeZone, asUtcMs - dayMs);
  if (zoneOffsetMs(timeZone, asUtcMs - before) === before) return asUtcMs - before;
  return asUtcMs - zoneOffsetMs(timeZone, asUtcMs + dayMs);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function zoneOffsetMs(timeZone: string, epochMs: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  // `GMT`, `GMT+02:00`.
  const match = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name);
  if (match === null) return 0;
  const [, sign, hours, minutes, seconds = '0'] = match;
  return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
