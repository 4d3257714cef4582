import type { SipHeaders } from './messages.ts';

/**
 * RFC 4028 as far as the application has a part in it: each leg has a session timer of its own, its interval is
 * agreed here, and the engine refreshes or ends the dialog by the Session-Expires that passes through it. Pure.
 */
const ourMinimumS = 90;

export type SessionAnswer =
  | { readonly kind: 'too-small'; readonly headers: Readonly<Record<string, string>> }
  /** Fields for the 2xx. */
  | { readonly kind: 'agreed'; readonly headers: Readonly<Record<string, string>> };

/** Our answer, as UAS, to what a request says about its session (RFC 4028 section 9). */
export function answerSession(headers: SipHeaders, preferredS: number): SessionAnswer {
  const supported = headers.lists('supported', 'timer') || headers.lists('require', 'timer');
  const asked = parseSessionExpires(headers.get('session-expires'));
  const peerMinimumS = Number.parseInt(headers.get('min-se') ?? '0', 10) || 0;
  if (asked !== undefined && supported && asked.expiresS < ourMinimumS) {
    return { kind: 'too-small', headers: { 'Min-SE': String(ourMinimumS) } };
  }
  const limitS = Math.max(preferredS, peerMinimumS, ourMinimumS);
  const expiresS = Math.max(asked === undefined ? limitS : Math.min(asked.expiresS, limitS), ourMinimumS, peerMinimumS);
  // Only a peer that knows timers can refresh; one that asked without saying who is left to do it (section 9, table 2).
  const refresher = supported && (asked?.refresher ?? (asked === undefined ? 'uas' : 'uac')) === 'uac' ? 'uac' : 'uas';
  return {
    kind: 'agreed',
    headers: {
      'Session-Expires': `${expiresS};refresher=${refresher}`,
      ...(refresher === 'uac' ? { Require: 'timer' } : {}),
    },
  };
}

/** What we ask for as UAC; `minimumS` from a 422. */
export function requestSession(preferredS: number, minimumS = 0): Readonly<Record<string, string>> {
  const leastS = Math.max(ourMinimumS, minimumS);
  return { 'Session-Expires': String(Math.max(preferredS, leastS)), 'Min-SE': String(leastS) };
}

/** Min-SE, where there is a sensible one. */
export function minimumSessionS(headers: SipHeaders): number | undefined {
  const minimumS = Number.parseInt(headers.get('min-se') ?? '', 10);
  return Number.isFinite(minimumS) && minimumS > 0 && minimumS < 86_400 ? minimumS : undefined;
}

function parseSessionExpires(
  value: string | undefined,
): { readonly expiresS: number; readonly refresher: 'uac' | 'uas' | undefined } | undefined {
  const expiresS = Number.parseInt(value ?? '', 10);
  if (value === undefined || !Number.isFinite(expiresS)) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)/i.exec(value)?.[1]?.toLowerCase();
  return { expiresS, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}
