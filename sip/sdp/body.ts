/**
 * The session description in a message body: the body itself when its type is application/sdp, or the first such part
 * of a multipart body (RFC 2046 section 5.1). Undefined when there is none. RFC 3261 section 20.15 demands a type; odd
 * devices leave it out, and what then begins like a description is taken for one.
 */
export function sdpIn(contentType: string | undefined, body: string): string | undefined {
  if (body === '') return undefined;
  if (contentType === undefined) return body.startsWith('v=0') ? body : undefined;
  if (/^\s*application\/sdp\b/i.test(contentType)) return body;
  const boundary = /^\s*multipart\/[\w.-]+\s*;(?:.*;)?\s*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    const split = part.indexOf('\r\n\r\n');
    if (split >= 0 && /^content-type\s*:\s*application\/sdp\b/im.test(part.slice(0, split))) {
      return `${part.slice(split + 4)}\r\n`;
    }
  }
  return undefined;
}
