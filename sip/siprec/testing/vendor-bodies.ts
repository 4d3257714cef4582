/**
 * Bodies as recorder clients are described to send them, written by us: what differs is what matters. `streams` says,
 * in the order of the m-lines, whose voice a recorder must find on each.
 */
export interface VendorBody {
  readonly vendor: string;
  readonly contentType: string;
  readonly body: string;
  readonly streams: readonly {
    readonly label: string | null;
    readonly side: 'caller' | 'callee' | 'other' | 'mixed';
    readonly uris: readonly (string | null)[];
  }[];
}

interface Written {
  readonly lineEnd?: '\r\n' | '\n';
  readonly boundary: string;
  readonly quoted?: boolean;
  /** Headers and text of each part. */
  readonly parts: readonly { readonly headers: readonly string[]; readonly text: string }[];
  readonly preamble?: string;
  readonly last?: boolean;
}

export function multipart(written: Written): { readonly contentType: string; readonly body: string } {
  const end = written.lineEnd ?? '\r\n';
  const texts = written.parts.map(
    ({ headers, text }) => `--${written.boundary}${end}${headers.map((line) => line + end).join('')}${end}${text}`,
  );
  const last = written.last === false ? '' : `${end}--${written.boundary}--${end}`;
  const body = `${written.preamble ?? ''}${texts.join(end)}${last}`.replaceAll(/\r?\n/g, end);
  const boundary = written.quoted === true ? `"${written.boundary}"` : written.boundary;
  return { contentType: `multipart/mixed;boundary=${boundary}`, body };
}

const sdpPart = (text: string, ...headers: string[]) => ({
  headers: ['Content-Type: application/sdp', ...headers],
  text,
});
const metadataPart = (text: string, type = 'application/rs-metadata+xml') => ({
  headers: [`Content-Type: ${type}`, 'Content-Disposition: recording-session'],
  text,
});

export function offerText(
  media: readonly {
    readonly label?: string;
    readonly port: number;
    readonly more?: readonly string[];
    readonly formats?: string;
  }[],
  connection = 'c=IN IP4 192.0.2.40',
): string {
  const lines = media.flatMap(({ label, port, formats = '0 8 101', more }) => [
    `m=audio ${port} RTP/AVP ${formats}`,
    ...(more ?? ['a=rtpmap:101 telephone-event/8000', 'a=sendonly']),
    ...(label === undefined ? [] : [`a=label:${label}`]),
  ]);
  return ['v=0', 'o=src 7 1 IN IP4 192.0.2.40', 's=-', connection, 't=0 0', ...lines, ''].join('\r\n');
}

const ann = 'sip:ann@example.com';
const bob = 'sip:bob@example.com';

const oracle: VendorBody = {
  vendor: 'Oracle / Acme: draft namespace, ids and session as attributes, sends inside participants, the callee first',
  ...multipart({
    boundary: 'unique-boundary-1',
    parts: [
      sdpPart(
        offerText([
          { label: '33554433', port: 20_106 },
          { label: '33554434', port: 20_110 },
        ]),
      ),
      metadataPart(`<?xml version='1.0' encoding='UTF-8'?>
<recording xmlns='urn:ietf:params:xml:ns:recording'>
 <dataMode>complete</dataMode>
 <session id="S=="><associate-time>2026-03-01T10:00:00</associate-time></session>
 <participant id="P1==" session="S==">
  <nameID aor="${bob}"><name>Bob</name></nameID><send>T1==</send>
  <associate-time>2026-03-01T10:00:00</associate-time>
  <extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:callingParty>false</apkt:callingParty></extensiondata>
 </participant>
 <participant id="P2==" session="S==">
  <nameID aor="${ann}"><name>Ann</name></nameID><send>T2==</send>
  <associate-time>2026-03-01T10:00:00</associate-time>
  <extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:callingParty>true</apkt:callingParty></extensiondata>
 </participant>
 <stream id="T1==" session="S=="><label>33554433</label><mode>separate</mode></stream>
 <stream id="T2==" session="S=="><label>33554434</label><mode>separate</mode></stream>
</recording>`),
    ],
    lineEnd: '\n',
  }),
  streams: [
    { label: '33554433', side: 'callee', uris: [bob] },
    { label: '33554434', side: 'caller', uris: [ann] },
  ],
};

const cube: VendorBody = {
  vendor:
    'Cisco CUBE: handling=required, sends and recvs in associations, a further part of signalling, no last boundary',
  ...multipart({
    boundary: 'uniqueBoundary',
    last: false,
    parts: [
      {
        headers: ['Content-Disposition: session;handling=required', 'Content-Type: application/sdp'],
        text: offerText([
          { label: '1', port: 10_292 },
          { label: '2', port: 10_294 },
        ]),
      },
      metadataPart(`<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>
<session session_id="s1"><sipSessionID>0123456789abcdef0123456789abcdef;remote=fedcba9876543210fedcba9876543210</sipSessionID></session>
<participant participant_id="p1"><nameID aor="${ann}"></nameID></participant>
<participantsessionassoc participant_id="p1" session_id="s1"><associate-time>2026-03-01T10:00:00.040Z</associate-time></participantsessionassoc>
<stream stream_id="t1" session_id="s1"><label>1</label></stream>
<participant participant_id="p2"><nameID aor="${bob}"><name xml:lang="it">Roberto</name></nameID></participant>
<participantsessionassoc participant_id="p2" session_id="s1"><associate-time>2026-03-01T10:00:00.040Z</associate-time></participantsessionassoc>
<stream stream_id="t2" session_id="s1"><label>2</label></stream>
<participantstreamassoc participant_id="p1"><send>t1</send><recv>t2</recv></participantstreamassoc>
<participantstreamassoc participant_id="p2"><send>t2</send><recv>t1</recv></participantstreamassoc>
</recording>`),
      { headers: ['Content-Disposition: signal;handling=optional', 'Content-Type: application/gtd'], text: 'IAM,\r\n' },
    ],
  }),
  streams: [
    { label: '1', side: 'caller', uris: [ann] },
    { label: '2', side: 'callee', uris: [bob] },
  ],
};

const broadWorks: VendorBody = {
  vendor: 'BroadWorks: metadata first, quoted boundary, labels 10 and 20, the numbers in a part of its own',
  ...multipart({
    boundary: 'foo bar',
    quoted: true,
    parts: [
      metadataPart(`<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>
<session session_id="00FA"/><sessionrecordingassoc session_id="00FA"/>
<participant participant_id="p1"><nameID aor="sip:+15550100200@example.com"/></participant>
<participantsessionassoc participant_id="p1" session_id="00FA"/>
<participantstreamassoc participant_id="p1"><send>t1</send></participantstreamassoc>
<participant participant_id="p2"><nameID aor="sip:+15550100300@example.com"/></participant>
<participantsessionassoc participant_id="p2" session_id="00FA"/>
<participantstreamassoc participant_id="p2"><send>t2</send></participantstreamassoc>
<stream stream_id="t1" session_id="00FA"><label>10</label></stream>
<stream stream_id="t2" session_id="00FA"><label>20</label></stream>
</recording>`),
      {
        headers: ['Content-Type: application/x-broadworks-call-recording+xml'],
        text: `<?xml version="1.0"?><broadWorksRecordingMetadata xmlns="urn:x"><callType><termCall>
<callingPartyNumber>5550100300</callingPartyNumber><calledPartyNumber>+15550100200</calledPartyNumber>
</termCall></callType></broadWorksRecordingMetadata>`,
      },
      sdpPart(
        offerText([
          { label: '10', port: 38_606 },
          { label: '20', port: 35_744 },
        ]),
      ),
    ],
  }),
  streams: [
    { label: '10', side: 'callee', uris: ['sip:+15550100200@example.com'] },
    { label: '20', side: 'caller', uris: ['sip:+15550100300@example.com'] },
  ],
};

const metaswitch: VendorBody = {
  vendor: 'Metaswitch: prefixed elements, newer namespace, one m-line with everybody in it',
  ...multipart({
    boundary: '----=_Part_7',
    preamble: 'This is a multipart body.\r\n',
    parts: [
      sdpPart(offerText([{ label: '0', port: 4000 }])),
      metadataPart(`<r:recording xmlns:r="urn:ietf:params:xml:ns:recording:2">
<r:datamode>complete</r:datamode><r:session r:session_id="s"/>
<r:participant participant_id="a"><r:nameID aor="${ann}"/></r:participant>
<r:participant participant_id="b"><r:nameID aor="${bob}"/></r:participant>
<r:stream stream_id="t" session_id="s"><r:label>0</r:label></r:stream>
<r:participantstreamassoc participant_id="a"><r:send>t</r:send></r:participantstreamassoc>
<r:participantstreamassoc participant_id="b"><r:send>t</r:send></r:participantstreamassoc>
</r:recording>`),
    ],
  }),
  streams: [{ label: '0', side: 'mixed', uris: [ann, bob] }],
};

const avaya: VendorBody = {
  vendor: 'Avaya SBCE: label 0 and 1, associations before what they speak of, the caller said to join first',
  ...multipart({
    boundary: 'avaya-siprec',
    parts: [
      sdpPart(
        offerText([
          { label: '0', port: 35_000 },
          { label: '1', port: 35_002 },
        ]),
      ),
      metadataPart(`<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>
<participantstreamassoc participant_id="p1"><send>t0</send></participantstreamassoc>
<participantstreamassoc participant_id="p2"><send>t1</send></participantstreamassoc>
<participantsessionassoc participant_id="p1" session_id="s"><associate-time>2026-03-01T10:00:04Z</associate-time></participantsessionassoc>
<participantsessionassoc participant_id="p2" session_id="s"><associate-time>2026-03-01T10:00:00Z</associate-time></participantsessionassoc>
<group group_id="g"><ucid xmlns="urn:avaya">00001000021700000000</ucid></group>
<session session_id="s"><group-ref>g</group-ref></session>
<participant participant_id="p1"><nameID aor="${bob}"/></participant>
<participant participant_id="p2"><nameID aor="${ann}"/></participant>
<stream stream_id="t0" session_id="s"><label>0</label></stream>
<stream stream_id="t1" session_id="s"><label>1</label></stream>
</recording>`),
    ],
  }),
  streams: [
    { label: '0', side: 'callee', uris: [bob] },
    { label: '1', side: 'caller', uris: [ann] },
  ],
};

const sonus: VendorBody = {
  vendor: 'Sonus / Ribbon: legacy type, call data in the group, ids as elements',
  ...multipart({
    boundary: 'sonus-content-delim',
    parts: [
      sdpPart(
        offerText([
          { label: '1', port: 1024 },
          { label: '2', port: 1028 },
        ]),
      ),
      metadataPart(
        `<recording xmlns="urn:ietf:params:xml:ns:recording:1"><dataMode>complete</dataMode>
<group id="g"><callData xmlns="urn:ietf:params:xml:ns:callData"><fromhdr>&lt;sip:ann@example.com&gt;;tag=1</fromhdr><tohdr>&lt;sip:bob@example.com&gt;</tohdr><gcid>7</gcid></callData></group>
<session><id>s</id></session>
<participant><id>p1</id><session>s</session><nameID aor="${bob}"/></participant>
<participant><id>p2</id><session>s</session><nameID aor="${ann}"/></participant>
<stream><id>t1</id><session>s</session><label>1</label></stream>
<stream><id>t2</id><session>s</session><label>2</label></stream>
<participantstreamassoc><participant>p1</participant><send>t1</send></participantstreamassoc>
<participantstreamassoc><participant>p2</participant><send>t2</send></participantstreamassoc>
</recording>`,
        'application/rs-metadata',
      ),
    ],
  }),
  streams: [
    { label: '1', side: 'callee', uris: [bob] },
    { label: '2', side: 'caller', uris: [ann] },
  ],
};

const openSips: VendorBody = {
  vendor:
    'OpenSIPS with rtpengine: all codecs of the call on each line, a Call-ID as session id, a name with an ampersand',
  ...multipart({
    boundary: 'OSS-unique-boundary-42',
    parts: [
      sdpPart(
        offerText([
          { label: '1', port: 35_011, formats: '0 8 9 18 101 13' },
          { label: '2', port: 35_013, formats: '8 0 101' },
        ]),
      ),
      metadataPart(`<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns='urn:ietf:params:xml:ns:recording:1'>
	<datamode>complete</datamode>
	<session session_id="s"><sipSessionID>2d8abbf0769c@192.0.2.57</sipSessionID></session>
	<participant participant_id="p1"><nameID aor="${ann}"><name>Ann & Sons</name></nameID></participant>
	<participant participant_id="p2"><nameID aor="${bob}"/></participant>
	<stream stream_id="t1" session_id="s"><label>1</label></stream>
	<stream stream_id="t2" session_id="s"><label>2</label></stream>
</recording>`),
    ],
  }),
  streams: [
    { label: '1', side: 'caller', uris: [ann] },
    { label: '2', side: 'callee', uris: [bob] },
  ],
};

const audioCodes: VendorBody = {
  vendor: 'AudioCodes: extension elements in between, aor without scheme, c= per media, three streams',
  ...multipart({
    boundary: 'boundary_ac1fffff',
    parts: [
      sdpPart(
        offerText(
          ['1', '2', '3'].map((label, index) => ({
            label,
            port: 6000 + 10 * index,
            more: [
              'c=IN IP4 192.0.2.41',
              'a=ptime:20',
              'a=rtpmap:101 telephone-event/8000',
              'a=fmtp:101 0-15',
              'a=sendonly',
            ],
          })),
          'c=IN IP4 0.0.0.0',
        ),
      ),
      metadataPart(`<recording xmlns="urn:ietf:params:xml:ns:recording:1" xmlns:ac="http://AudioCodes">
<datamode>complete</datamode><session session_id="s"><ac:GlobalSessionID>b6f0</ac:GlobalSessionID></session>
<participant participant_id="p1"><nameID aor="ann@example.com"/></participant>
<participant participant_id="p2"><nameID aor="bob@example.com"/></participant>
<participant participant_id="p3"><nameID aor="tel:+1-555-0100"/></participant>
<stream stream_id="t3" session_id="s"><label>3</label></stream>
<stream stream_id="t2" session_id="s"><label>2</label></stream>
<stream stream_id="t1" session_id="s"><label>1</label></stream>
<participantstreamassoc participant_id="p1"><send>t1</send><recv>t2</recv><recv>t3</recv></participantstreamassoc>
<participantstreamassoc participant_id="p2"><send>t2</send></participantstreamassoc>
<participantstreamassoc participant_id="p3"><send>t3</send></participantstreamassoc>
</recording>`),
    ],
  }),
  streams: [
    { label: '1', side: 'caller', uris: [ann] },
    { label: '2', side: 'callee', uris: [bob] },
    { label: '3', side: 'other', uris: ['tel:+15550100'] },
  ],
};

const sems: VendorBody = {
  vendor: 'SEMS: two lines without metadata',
  contentType: 'application/sdp',
  body: offerText([
    { label: '1', port: 7000 },
    { label: '2', port: 7002 },
  ]),
  streams: [
    { label: '1', side: 'caller', uris: [null] },
    { label: '2', side: 'callee', uris: [null] },
  ],
};

const jambonz: VendorBody = {
  vendor: 'jambonz: labels crossed, a group for the call, parts without headers after the type is lost',
  ...multipart({
    boundary: 'uniqueBoundary',
    lineEnd: '\n',
    parts: [
      {
        headers: [],
        text: offerText([
          { label: '2', port: 50_000 },
          { label: '1', port: 50_002 },
        ]),
      },
      {
        headers: [],
        text: `<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>
<group group_id="g"/><session session_id="s"><group-ref>g</group-ref></session>
<participant participant_id="p1"><nameID aor="${ann}"><name/></nameID></participant>
<participant participant_id="p2"><nameID aor="${bob}"/></participant>
<stream stream_id="t1" session_id="s"><label>1</label></stream>
<stream stream_id="t2" session_id="s"><label>2</label></stream>
<participantstreamassoc participant_id="p1"><send>t1</send></participantstreamassoc>
<participantstreamassoc participant_id="p2"><send>t2</send></participantstreamassoc>
</recording>`,
      },
    ],
  }),
  streams: [
    { label: '2', side: 'callee', uris: [bob] },
    { label: '1', side: 'caller', uris: [ann] },
  ],
};

export const vendorBodies: readonly VendorBody[] = [
  oracle,
  cube,
  broadWorks,
  metaswitch,
  avaya,
  sonus,
  openSips,
  audioCodes,
  sems,
  jambonz,
];
