/** The other end of a message. */
export interface WirePeer {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Told of every SIP message as it is on the wire, in order. Called for each: must be cheap, and must not throw. */
export interface WireTap {
  /** The bytes stay the caller's. */
  message(direction: 'received' | 'sent', bytes: Buffer, peer: WirePeer): void;
  /** An INVITE that was to begin a call was refused for its form, before anybody could ask whose it is. */
  refused(sipCallId: string | undefined, why: string, peer: WirePeer): void;
}

const probedBytes = 4096;

/** Of a message's bytes; undefined where it names none within its first 4 kB. */
export function sipCallIdIn(bytes: Buffer): string | undefined {
  // As the engine writes it, and most others.
  const at = bytes.indexOf('\r\nCall-ID: ', 0, 'latin1');
  if (at !== -1 && at < probedBytes) {
    const end = bytes.indexOf('\r\n', at + 11, 'latin1');
    return end === -1 ? undefined : bytes.toString('utf8', at + 11, Math.min(end, at + 11 + 512)).trim();
  }
  const text = bytes.toString('utf8', 0, Math.min(bytes.length, probedBytes));
  return /\r\n(?:call-id|i)[ \t]*:[ \t]*(\S{1,512})/i.exec(text)?.[1];
}

/** Whether a message is an INVITE, of whichever kind. */
export function isInvite(bytes: Buffer): boolean {
  return bytes.length > 7 && bytes.toString('latin1', 0, 7) === 'INVITE ';
}
