import fc from 'fast-check';
import { digestAlgorithm, answerChallenge, parseDigest } from '../../auth/digest.ts';
import { SipHeaders } from '../../b2bua/messages.ts';
import { InfoCodes } from '../../b2bua/info-codes.ts';
import { translateReferTo, translateReplaces } from '../../b2bua/replaces.ts';
import { answerSession } from '../../b2bua/session-expiry.ts';
import { serialize } from '../../engine/message/message.ts';
import { parseMessage } from '../../engine/message/parse.ts';
import { StreamFramer } from '../../engine/message/stream.ts';
import { parseNameAddr } from '../../routing/name-addr.ts';
import { parseUri } from '../../routing/uri.ts';
import { readForkMessage } from '../../rtpengine/fork-message.ts';
import { readOffer } from '../../sdp/offer.ts';
import { parseDescription } from '../../sdp/parse.ts';
import { vendorBodies } from '../../siprec/testing/vendor-bodies.ts';
import { messageText, summaryOf } from '../../sources/mask/message.ts';
import { sipTexts } from './sip-texts.ts';
import { mangled } from './mangled.ts';
import { doubleSides } from './recording-bodies.ts';

/** What one reader of sip/ is thrown at, and what must hold of whatever it makes of it. `check` throws where it does not. */
export interface FuzzTarget {
  readonly name: string;
  readonly inputs: fc.Arbitrary<string>;
  readonly check: (text: string) => void;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const anyText = fc.string({ maxLength: 400, unit: 'binary' });
const orAnything = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 8, arbitrary: mangled(texts) }, anyText);

const descriptions = vendorBodies.flatMap(({ body }) => /v=0\r?\n[\s\S]*?(?=\r?\n--|$)/.exec(body)?.[0] ?? []);
const challenges = [
  'Digest realm="a, b", nonce="x", algorithm=SHA-256, qop="auth,auth-int", opaque="o", stale=true',
  'Digest username="u",realm="r",nonce="n",uri="sip:1@x",response="0",qop=auth,nc=00000001,cnonce="c"',
  'Bearer x="y", DIGEST realm=c, nonce="2\\""',
];
const fields = [
  '"Nora \\"W\\" Watts" <sip:nora;x=1:pw@[2001:db8::1]:5060;transport=tcp?Replaces=a%3Bto-tag%3Db>;tag=1;q=0.5',
  'tel:+1-201-555-0123;phone-context=example.org',
  'abc@host;to-tag=1;from-tag=2;early-only',
  '1800;refresher=uac',
];

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'sip message',
    inputs: orAnything(sipTexts),
    check: (text) => {
      const message = parseMessage(Buffer.from(text));
      if (message.kind === 'bad') return;
      const again = parseMessage(serialize(message));
      must(again.kind === message.kind, 'what was read is read otherwise once it is written');
    },
  },
  {
    name: 'sip stream',
    inputs: fc.oneof(
      mangled(sipTexts, 4),
      fc.array(fc.constantFrom(...sipTexts), { maxLength: 4 }).map((texts) => texts.join('')),
    ),
    check: (text) => {
      const bytes = Buffer.from(text);
      const whole = new StreamFramer().push(bytes)?.length;
      const framer = new StreamFramer();
      let parts: number | undefined = 0;
      for (let at = 0; at < bytes.length && parts !== undefined; at += 97) {
        const more = framer.push(bytes.subarray(at, at + 97));
        parts = more === undefined ? undefined : parts + more.length;
      }
      must(parts === whole, 'a stream is cut otherwise when it comes in pieces');
    },
  },
  {
    name: 'ladder',
    inputs: orAnything(sipTexts),
    check: (text) => {
      must(summaryOf(text).length <= 300 || !text.includes('\r\n'), 'a long summary');
      messageText(text, false);
      messageText(text, true);
    },
  },
  {
    name: 'sdp',
    inputs: orAnything(descriptions),
    check: (text) => {
      parseDescription(text);
      readOffer(text);
    },
  },
  {
    name: 'recording body',
    inputs: orAnything(vendorBodies.map(({ contentType, body }) => `${contentType ?? ''}\n${body}`)),
    check: (text) => {
      const split = text.indexOf('\n');
      must(doubleSides(text.slice(0, Math.max(split, 0)), text.slice(split + 1)) === 0, 'two streams are one side');
    },
  },
  {
    name: 'digest',
    inputs: orAnything(challenges),
    check: (text) => {
      for (const each of parseDigest(text)) digestAlgorithm(each['algorithm']);
      answerChallenge(text, { method: 'INVITE', uri: 'sip:1@x', body: '' }, { user: 'u', password: 'p' });
    },
  },
  {
    name: 'fields',
    inputs: orAnything(fields),
    check: (text) => {
      parseNameAddr(text);
      parseUri(text);
      translateReplaces(text, () => []);
      translateReferTo(text, () => []);
      const headers = new SipHeaders({
        'Session-Expires': text,
        'Min-SE': text,
        'Content-Type': 'application/dtmf-relay',
      });
      answerSession(headers, 1800);
      new InfoCodes({ pause: '*71' }).read('', { headers, body: text }, 0);
    },
  },
  {
    name: 'sipfrag',
    inputs: orAnything(sipTexts.map((text) => text.split('\r\n\r\n')[0] ?? '')),
    check: (text) => {
      try {
        readForkMessage(text);
      } catch (thrown) {
        must(thrown instanceof Error && 'code' in thrown && thrown.code === 'bad-request', 'another error');
      }
    },
  },
];
