const defaultMs = 160;
const longestMs = 6000;

/**
 * How long a key reported by SIP INFO was pressed, in ms; undefined when the INFO reports no key. Which key it
 * was is not read here: `application/dtmf-relay` is `Signal=` and `Duration=` lines, `application/dtmf` the bare key.
 */
export function infoDigitMs(contentType: string | undefined, body: string): number | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/dtmf') return defaultMs;
  if (type !== 'application/dtmf-relay') return undefined;
  const stated = Number(/^[ \t]*duration[ \t]*=[ \t]*(\d{1,6})[ \t]*$/im.exec(body)?.[1] ?? defaultMs);
  return Math.min(stated > 0 ? stated : defaultMs, longestMs);
}
