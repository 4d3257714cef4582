import { invite, request, type TortureCase } from './case.ts';

/** RFC 4475 section 3.1.2: messages that are not well-formed. */
export const invalidCases: readonly TortureCase[] = [
  {
    section: '3.1.2.1',
    what: 'separators with nothing between them',
    expected: 400,
    message: (place) =>
      invite(place, {
        via: `Via: SIP/2.0/${place.transport} 127.0.0.1:${place.port};branch=z9hG4bK${place.mark};;,;,,`,
      }),
  },
  {
    section: '3.1.2.2',
    what: 'Content-Length larger than the datagram',
    expected: 400,
    only: 'udp',
    message: (place) => invite(place, { length: '9999' }),
  },
  {
    section: '3.1.2.3',
    what: 'a negative Content-Length',
    expected: 400,
    only: 'udp',
    message: (place) => invite(place, { length: '-999' }),
  },
  {
    section: '3.1.2.4',
    what: 'numbers too large for their fields, in a request',
    expected: 400,
    message: (place) =>
      request(place, {
        method: 'REGISTER',
        cseq: '36893488147419103232 REGISTER',
        more: ['Expires: 10000000000000000000000000000', 'Retry-After: 949302838503028349304023988'],
      }),
  },
  {
    section: '3.1.2.6',
    what: 'a quote that never ends',
    expected: 400,
    message: (place) => invite(place, { to: '"Mr. N. Body <sip:200@example.org>' }),
  },
  {
    section: '3.1.2.7',
    what: 'angle brackets around the Request-URI',
    expected: 400,
    message: (place) => invite(place, { start: `INVITE <sip:200@127.0.0.1:${place.serverPort}> SIP/2.0` }),
  },
  {
    section: '3.1.2.8',
    what: 'a blank within the Request-URI',
    expected: 400,
    message: (place) => invite(place, { start: `INVITE sip:200@127.0.0.1:${place.serverPort}; lr SIP/2.0` }),
  },
  {
    section: '3.1.2.9',
    what: 'several blanks between the parts of the first line',
    expected: 400,
    message: (place) => invite(place, { start: `INVITE  sip:200@127.0.0.1:${place.serverPort}  SIP/2.0` }),
  },
  {
    section: '3.1.2.10',
    what: 'blanks at the end of the first line',
    expected: 400,
    message: (place) => request(place, { start: `OPTIONS sip:200@127.0.0.1:${place.serverPort} SIP/2.0  ` }),
  },
  {
    section: '3.1.2.11',
    what: 'escaped fields in the Request-URI',
    expected: 400,
    message: (place) =>
      invite(place, { start: `INVITE sip:200@127.0.0.1:${place.serverPort}?Route=%3Csip:example.org%3E SIP/2.0` }),
  },
  {
    section: '3.1.2.12',
    what: 'a Date in a zone that SIP does not have: the field may be ignored, and is',
    expected: 'rings',
    message: (place) => invite(place, { more: ['Date: Fri, 01 Jan 2027 16:00:00 EST'] }),
  },
  {
    section: '3.1.2.13',
    what: 'a Contact with a question mark and no brackets (nothing registers here)',
    expected: 405,
    message: (place) =>
      request(place, { method: 'REGISTER', contact: 'sip:nora@127.0.0.1?Route=%3Csip:example.org%3E' }),
  },
  {
    section: '3.1.2.14',
    what: 'blanks within the brackets: may be taken, and are',
    expected: 200,
    message: (place) => request(place, { to: '"Watts, Nora" < sip:200@example.org >' }),
  },
  {
    section: '3.1.2.15',
    what: 'a display name that needs quotes and has none: may be taken, and is',
    expected: 200,
    message: (place) => request(place, { from: `Watts, Nora <sip:nora@example.org>;tag=${place.mark}` }),
  },
  {
    section: '3.1.2.16',
    what: 'a version of SIP that nobody has heard of',
    expected: 505,
    message: (place) =>
      request(place, {
        start: `OPTIONS sip:200@127.0.0.1:${place.serverPort} SIP/7.0`,
        via: `Via: SIP/7.0/${place.transport} 127.0.0.1:${place.port};branch=z9hG4bK${place.mark}`,
      }),
  },
  {
    section: '3.1.2.17',
    what: 'the method of CSeq is another than that of the first line',
    expected: 400,
    message: (place) => request(place, { cseq: '8 INVITE' }),
  },
  {
    section: '3.1.2.18',
    what: 'the same with a method that nobody knows',
    expected: 400,
    message: (place) => request(place, { method: 'NOTYETINVENTED', cseq: '8 INVITE' }),
  },
];

/** Sections 3.2 to 3.4: well-formed, and yet something is to be said of them. */
export const semanticCases: readonly TortureCase[] = [
  {
    section: '3.2.1',
    what: 'a branch of the cookie alone: known as RFC 2543 knows requests',
    expected: 200,
    message: (place) =>
      request(place, { via: `Via: SIP/2.0/${place.transport} 127.0.0.1:${place.port};branch=z9hG4bK` }),
  },
  ...['Call-ID', 'From', 'To'].map((name): TortureCase => ({
    section: '3.3.1',
    what: `no ${name}`,
    expected: 400,
    message: (place) => invite(place, { without: [name] }),
  })),
  {
    section: '3.3.2',
    what: 'a scheme that nobody knows',
    expected: 416,
    message: (place) => request(place, { start: 'OPTIONS nobodysscheme:opaquecontent SIP/2.0' }),
  },
  {
    section: '3.3.3',
    what: 'a scheme that is known and is not SIP’s',
    expected: 416,
    message: (place) => request(place, { start: 'OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0' }),
  },
  {
    section: '3.3.4',
    what: 'such schemes in other fields (nothing registers here)',
    expected: 405,
    message: (place) =>
      request(place, {
        method: 'REGISTER',
        to: 'isbn:2983792873',
        from: `<http://www.example.org>;tag=${place.mark}`,
        contact: '<name:Nora_Watts>',
      }),
  },
  {
    section: '3.3.5',
    what: 'Require and Proxy-Require of what nobody supports',
    expected: 420,
    field: ['Unsupported', 'nothingsupportsthis'],
    message: (place) =>
      request(place, { more: ['Require: nothingSupportsThis, norThis', 'Proxy-Require: norAnyProxy, norThisOne'] }),
  },
  {
    section: '3.3.6',
    what: 'a body of a type that nobody knows',
    expected: 415,
    field: ['Accept', 'application/sdp'],
    message: (place) =>
      request(place, {
        method: 'INVITE',
        more: ['Content-Type: application/unheardof'],
        body: '<audio><pcmu/></audio>',
      }),
  },
  {
    section: '3.3.8',
    what: 'several values where one belongs',
    expected: 400,
    message: (place) =>
      invite(place, {
        more: [
          'CSeq: 5 INVITE',
          'Call-ID: other@example.org',
          'Max-Forwards: 5',
          'From: <sip:otto@example.org>;tag=2',
          'To: <sip:olga@example.org>',
        ],
      }),
  },
  {
    section: '3.3.9',
    what: 'two lengths',
    expected: 400,
    only: 'udp',
    message: (place) => request(place, { more: ['Content-Length: 139'], body: 'x' }),
  },
  {
    section: '3.3.11',
    what: 'Max-Forwards of zero, at the end of its way',
    expected: 200,
    message: (place) => request(place, { without: ['Max-Forwards'], more: ['Max-Forwards: 0'] }),
  },
  ...(['3.3.12', '3.3.13', '3.3.14'] as const).map((section): TortureCase => ({
    section,
    what: 'parameters and fields of a Contact to be registered (nothing registers here)',
    expected: 405,
    message: (place) =>
      request(place, {
        method: 'REGISTER',
        contact: {
          '3.3.12': 'sip:+19725552222@127.0.0.1;unknownparam',
          '3.3.13': '<sip:+19725552222@127.0.0.1;unknownparam>',
          '3.3.14': '<sip:nora@127.0.0.1?Route=%3Csip:example.org%3E>',
        }[section],
      }),
  })),
  {
    section: '3.3.15',
    what: 'an INVITE without a description that accepts none of ours',
    expected: 406,
    field: ['Accept', 'application/sdp'],
    message: (place) => request(place, { method: 'INVITE', more: ['Accept: text/unheardof'] }),
  },
  {
    section: '3.3.15',
    what: 'an INVITE with a description whose Accept lists other things: an answer to it is what it must take',
    expected: 'rings',
    message: (place) => invite(place, { more: ['Accept: text/plain, application/im-iscomposing+xml'] }),
  },
  {
    section: '3.4.1',
    what: 'an INVITE as RFC 2543 wrote them: no branch, no tag, no Max-Forwards, no Content-Length',
    expected: 'rings',
    only: 'udp',
    message: (place) =>
      invite(place, {
        via: `Via: SIP/2.0/UDP 127.0.0.1:${place.port}`,
        from: 'sip:nora@example.org',
        without: ['Max-Forwards', 'Content-Length'],
      }),
  },
];
