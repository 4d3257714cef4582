/** Stands for what is not shown. */
export const masked = '***';

/** Free text of a device (User-Agent, a reason phrase): what may be somebody's number goes. */
export function maskDigits(text: string): string {
  return text.replaceAll(/\+?\d{5,}/g, masked);
}

/** An identifier, unless it may be a number. */
export function maskUnlessId(text: string): string {
  return /^[\w+/=:.\-~!*'%`]{0,128}$/.test(text) && !/\d{7}/.test(text) ? text : masked;
}
