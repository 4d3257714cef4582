import { invite, request, tortureSdp, via, type TortureCase } from './case.ts';

/** RFC 4475 section 3.1.1: messages that are well-formed, though nobody would write them so. */
export const validCases: readonly TortureCase[] = [
  {
    section: '3.1.1.1',
    what: 'blanks, folding, compact forms, any case, unknown fields and parameters',
    expected: 'rings',
    message: ({ transport, port, serverPort, mark }) =>
      [
        `INVITE sip:200@127.0.0.1:${serverPort};strangeparam SIP/2.0`,
        'tO :',
        '  sip:200@example.org ;   mood    = calm',
        'fRoM   : "Nora \\\\\\"" <sip:nora@example.org>',
        `  ;\ttag\t=\t${mark}`,
        'MaX-fOrWaRdS: 0044',
        `cALL-iD: ${mark}.{%!}@example.org`,
        'Content-Length   : 0',
        'cseq: 0011',
        ' INVITE',
        `Via  : SIP  /   2.0`,
        ` /${transport}`,
        `    127.0.0.1:${port};branch=z9hG4bK${mark}`,
        's :',
        'NotYetInvented:   goes on; and on',
        ' and on',
        `v:  SIP  / 2.0  / TCP     proxy.example.org   ;`,
        '  branch  =   z9hG4bK9ikj8  ,',
        ' SIP  /    2.0   / UDP  192.0.2.7   ; hidden; branch=z9hG4bK30239',
        `m:"Quoted string \\"\\"" <sip:nora@127.0.0.1:${port} ; strangeparam = novalue ;`,
        '  secondparam ; q = 0.33>',
        '',
        '',
      ]
        .join('\r\n')
        // RFC 3261 forbids blanks within a URI: these stand where they may.
        .replaceAll(
          ' ; strangeparam = novalue ;\r\n  secondparam ; q = 0.33>',
          ';strangeparam=novalue;secondparam>;q = 0.33',
        ),
  },
  {
    section: '3.1.1.2',
    what: 'a method, a user and tokens of every character that they may have',
    expected: 501,
    field: ['Allow', 'INVITE'],
    message: (place) =>
      request(place, {
        method: "!odd-Method0123456789_*+`.%maybe'~",
        start: `!odd-Method0123456789_*+\`.%maybe'~ sip:1_u.%40-!~*'()&=+$,;?/:pw&=+$,@127.0.0.1;p-!~*'()%20=v-!~*'()%20 SIP/2.0`,
        from: `token~1' token+2\`  token_*3<sip:nora@example.org>;tag=${place.mark}`,
      }),
  },
  {
    section: '3.1.1.3',
    what: 'escaped characters in a user: they stay what they are',
    expected: 'rings',
    message: (place) =>
      invite(place, {
        start: `INVITE sip:sips%3A200%40example.net@127.0.0.1:${place.serverPort} SIP/2.0`,
        contact: `<sip:n%6Fra@127.0.0.1:${place.port};%6C%72;n%61me=v%61lue%25%34%31>`,
      }),
  },
  {
    section: '3.1.1.4',
    what: 'escaped zero bytes in URIs (nothing registers here)',
    expected: 405,
    message: (place) =>
      request(place, { method: 'REGISTER', to: '<sip:null-%00-null@example.org>', contact: '<sip:%00@127.0.0.1>' }),
  },
  {
    section: '3.1.1.5',
    what: 'a percent sign in a method escapes nothing: RE%47IST%45R is not REGISTER',
    expected: 501,
    message: (place) => request(place, { method: 'RE%47IST%45R' }),
  },
  {
    section: '3.1.1.6',
    what: 'no blank between display name and bracket',
    expected: 200,
    message: (place) => request(place, { from: `nora<sip:nora@example.org>;tag=${place.mark}` }),
  },
  {
    section: '3.1.1.7',
    what: 'long values everywhere',
    expected: 'rings',
    message: (place) => {
      const long = 'long'.repeat(60);
      return invite(place, {
        to: `"a ${'very '.repeat(60)}long name"<sip:200@example.org>;p=${long}`,
        from: `sip:${long}@example.org;tag=${place.mark}${long};${long}name=${long}value;${long}`,
        contact: `<sip:nora${long}@127.0.0.1:${place.port}>`,
        via: `${via(place)}${long}\r\n${Array.from({ length: 20 }, (_, at) => `Via: SIP/2.0/TCP h${at}.example.org`).join('\r\n')}`,
        more: [`Unknown-${long}: ${long}; ${long}=${long}`],
      });
    },
  },
  {
    section: '3.1.1.8',
    what: 'octets after the body in a datagram are not there',
    expected: 200,
    only: 'udp',
    message: (place) => Buffer.concat([request(place), invite({ ...place, mark: `${place.mark}-second` })]),
  },
  {
    section: '3.1.1.9',
    what: 'semicolons in a user are the user',
    expected: 200,
    message: (place) => request(place, { start: 'OPTIONS sip:user;par=u%40example.net@127.0.0.1 SIP/2.0' }),
  },
  {
    section: '3.1.1.10',
    what: 'transports nobody knows, further down the Via fields',
    expected: 200,
    field: ['Via', '127.0.0.1'],
    message: (place) =>
      request(place, {
        via: [
          via(place),
          'Via: SIP/2.0/SCTP t1.example.org;branch=z9hG4bKa',
          'Via: SIP/2.0/TLS t2.example.org;branch=z9hG4bKb',
          'Via: SIP/2.0/CARRIER-PIGEON t3.example.org;branch=z9hG4bKc',
        ].join('\r\n'),
      }),
  },
  {
    section: '3.1.1.11',
    what: 'a multipart body, one part of it binary',
    expected: 'rings',
    message: (place) => {
      const edge = '7a9cbec02ceef655';
      const binary = Buffer.from([0x30, 0x82, 0x00, 0x0d, 0x0a, 0xff, 0xfe, 0x0d, 0x0a, 0x2d, 0x2d, 0x80]);
      return request(place, {
        method: 'INVITE',
        more: [`Content-Type: multipart/mixed;boundary=${edge}`, 'MIME-Version: 1.0'],
        body: Buffer.concat([
          Buffer.from(
            `--${edge}\r\nContent-Type: application/octet-stream\r\nContent-Disposition: x;handling=optional\r\n\r\n`,
          ),
          binary,
          Buffer.from(`\r\n--${edge}\r\nContent-Type: application/sdp\r\n\r\n${tortureSdp}\r\n--${edge}--\r\n`),
        ]),
      });
    },
  },
];
