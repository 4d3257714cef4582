import type { RawMessage } from '../raw-message.ts';

/** One response of our own to the INVITE that the callee got, and what the caller hears of it. */
export interface TortureResponse {
  readonly section: string;
  readonly what: string;
  readonly text: (invite: RawMessage, port: number) => string;
  /** Status of what the caller hears. */
  readonly expected: number | 'silence';
}

function response(
  invite: RawMessage,
  port: number,
  { start, cseq, via, more = [] }: { start: string; cseq?: string; via?: string; more?: readonly string[] },
): string {
  return [
    start,
    ...(via === undefined ? invite.all('Via').map((each) => `Via: ${each}`) : [via]),
    `From: ${invite.header('From')}`,
    `To: ${invite.header('To')};tag=odd`,
    `Call-ID: ${invite.header('Call-ID')}`,
    `CSeq: ${cseq ?? invite.header('CSeq')}`,
    `Contact: <sip:callee@127.0.0.1:${port}>`,
    ...more,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

export const tortureResponses: readonly TortureResponse[] = [
  {
    section: '3.1.1.12',
    what: 'a reason phrase with every character that it may have',
    expected: 183,
    text: (invite, port) =>
      response(invite, port, { start: 'SIP/2.0 183 = 3**2 * 20 + 3 — сто восемьдесят три, ok?!' }),
  },
  {
    section: '3.1.1.13',
    what: 'an empty reason phrase',
    expected: 181,
    text: (invite, port) => response(invite, port, { start: 'SIP/2.0 181 ' }),
  },
  {
    section: '3.1.2.5',
    what: 'numbers too large for their fields',
    expected: 'silence',
    text: (invite, port) =>
      response(invite, port, {
        start: 'SIP/2.0 503 Unavailable',
        cseq: '9292394834772304023312 INVITE',
        more: ['Retry-After: 949302838503028349304023988', 'Warning: 1812 overture "In Progress"'],
      }),
  },
  {
    section: '3.1.2.19',
    what: 'a status that fits no number',
    expected: 'silence',
    text: (invite, port) => response(invite, port, { start: 'SIP/2.0 4294967301 better not break the receiver' }),
  },
  {
    section: '3.3.10',
    what: 'a Via that names everybody, and is none of ours',
    expected: 'silence',
    text: (invite, port) =>
      response(invite, port, {
        start: 'SIP/2.0 200 OK',
        via: 'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23',
      }),
  },
];
