import { vendorBodies } from '../../siprec/testing/vendor-bodies.ts';
import { invite, request, tortureSdp, type Place } from '../torture/case.ts';
import { invalidCases, semanticCases } from '../torture/invalid.ts';
import { validCases } from '../torture/valid.ts';

const place: Place = { transport: 'UDP', port: 9, serverPort: 5060, mark: 'fuzz' };
const [recorded] = vendorBodies;

const plain = [
  invite(place),
  invite(place, {
    more: [
      'Supported: timer, 100rel, replaces',
      'Session-Expires: 1800;refresher=uas',
      'Record-Route: <sip:p1.example.org;lr>, <sip:p2.example.org>',
      'P-Asserted-Identity: "Nora" <sip:+12015550123@example.org>, <tel:+12015550123>',
      'Diversion: <sip:otto@example.org>;reason=no-answer;counter=1',
      'Authorization: Digest username="u", realm="sidetone", nonce="n", uri="sip:200@x", response="0", algorithm=MD5',
    ],
  }),
  request(place, {
    method: 'INVITE',
    contact: '<sip:src@127.0.0.1:9>;+sip.src',
    more: ['Require: siprec', `Content-Type: ${recorded?.contentType ?? ''}`],
    body: recorded?.body ?? '',
  }),
  ...['ACK', 'BYE', 'CANCEL', 'OPTIONS', 'PRACK', 'UPDATE', 'REFER', 'NOTIFY', 'REGISTER'].map((method) =>
    request(place, { method, to: '<sip:200@example.org>;tag=1', more: ['RAck: 1 7 INVITE', 'Refer-To: <sip:3@x>'] }),
  ),
  request(place, {
    method: 'INFO',
    more: ['Content-Type: application/dtmf-relay', 'Record: off'],
    body: 'Signal=5\r\n',
  }),
  request(place, {
    method: 'MESSAGE',
    more: ['Content-Type: message/sipfrag'],
    body: 'SIP/2.0 200 OK\r\nCall-ID: 4711@a.example\r\nFrom: <sip:ann@a>;tag=a1\r\nTo: <sip:bob@b>;tag=b2\r\n',
  }),
  ...['100 Trying', '183 Session Progress', '200 OK', '302 Moved', '401 Unauthorized', '503 Later'].map((status) =>
    request(place, {
      start: `SIP/2.0 ${status}`,
      method: 'INVITE',
      to: '<sip:200@example.org>;tag=2',
      more: ['WWW-Authenticate: Digest realm="r", nonce="n"', 'RSeq: 1', 'Content-Type: application/sdp'],
      body: tortureSdp,
    }),
  ),
];

/** Messages of every kind, good ones and those of RFC 4475: what fuzzing begins with. */
export const sipTexts: readonly string[] = [
  ...plain,
  ...[...validCases, ...invalidCases, ...semanticCases].map(({ message }) => message(place)),
].map((bytes) => bytes.toString());
