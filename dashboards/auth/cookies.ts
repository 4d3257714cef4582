const cookieName = 'sidetone_session';

/** The session token in a Cookie header, where there is one. */
export function sessionCookie(header: string | undefined): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === cookieName) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** Set-Cookie for a token; an empty token clears it. `Secure` under TLS: a browser drops it on plain loopback HTTP. */
export function setSessionCookie(token: string, lifetimeS: number, secure: boolean): string {
  const parts = [`${cookieName}=${token}`, 'Path=/', 'HttpOnly', 'SameSite=Strict'];
  parts.push(`Max-Age=${token === '' ? 0 : lifetimeS}`);
  if (secure) parts.push('Secure');
  return parts.join('; ');
}
