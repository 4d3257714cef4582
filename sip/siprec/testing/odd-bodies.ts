import type { PartySide } from '../../types.ts';
import { multipart, offerText } from './vendor-bodies.ts';

/**
 * Bodies of recorder clients that keep to RFC 7865 and 7866 in the unusual ways, or nearly. `sides`: of each m-line in its
 * order; null is one that is answered with port 0.
 */
export interface OddBody {
  readonly what: string;
  readonly contentType: string;
  readonly body: string;
  readonly sides: readonly (PartySide | null)[];
  readonly parties: readonly (readonly [PartySide, string | null])[];
}

const ann = 'sip:ann@example.com';
const bob = 'sip:bob@example.com';
const cat = 'sip:cat@example.com';
const two = [
  { label: '1', port: 40_000 },
  { label: '2', port: 40_002 },
];
const labels = (...names: string[]): string =>
  names
    .map((name, index) => `<stream stream_id="t${index + 1}" session_id="s"><label>${name}</label></stream>`)
    .join('');
const named = (id: string, aor: string): string =>
  `<participant participant_id="${id}"><nameID aor="${aor}"/></participant>`;
const sends = (id: string, ...streams: string[]): string =>
  `<participantstreamassoc participant_id="${id}">${streams.map((each) => `<send>${each}</send>`).join('')}</participantstreamassoc>`;
const recording = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\r\n<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode><session session_id="s"/>${inner}</recording>`;

const sdp = (text = offerText(two)) => ({ headers: ['Content-Type: application/sdp'], text });
const xml = (text: string, type = 'application/rs-metadata+xml') => ({ headers: [`Content-Type: ${type}`], text });
const both = (metadata: string, offer = offerText(two)) =>
  multipart({ boundary: 'b-7', parts: [sdp(offer), xml(metadata)] });
const usual = recording(named('p1', ann) + named('p2', bob) + labels('1', '2') + sends('p1', 't1') + sends('p2', 't2'));
const usualSides = {
  sides: ['caller', 'callee'],
  parties: [
    ['caller', ann],
    ['callee', bob],
  ],
} as const;

export const oddBodies: readonly OddBody[] = [
  {
    what: 'a boundary of dashes that Content-Type does not name, LF alone, no last boundary',
    ...multipart({ boundary: '----=_Part_9', lineEnd: '\n', last: false, parts: [sdp(), xml(usual)] }),
    contentType: 'multipart/mixed',
    ...usualSides,
  },
  {
    what: 'parts without a type of their own: told by how they begin',
    ...multipart({
      boundary: 'b',
      parts: [
        { headers: ['Content-Disposition: recording-session'], text: usual.replace(/^.*\r\n/, '') },
        { headers: ['Content-Disposition: session;handling=required'], text: offerText(two) },
      ],
    }),
    ...usualSides,
  },
  {
    what: 'metadata as plain XML, in a multipart/related within the multipart/mixed',
    ...multipart({
      boundary: 'outer',
      parts: [
        sdp(),
        {
          headers: ['Content-Type: multipart/related; boundary="in ner"; type="text/xml"'],
          text: multipart({ boundary: 'in ner', parts: [xml(usual, 'text/xml; charset=utf-8')] }).body,
        },
      ],
    }),
    ...usualSides,
  },
  {
    what: 'a prefix with a dot and a dash on every element and attribute, CDATA around the ids',
    ...both(
      usual
        .replaceAll(/<(\/?)(?=[a-z])/gi, '<$1rs-v1.0:')
        .replaceAll(/ (\w+_id)=/g, ' rs-v1.0:$1=')
        .replace('xmlns=', 'xmlns:rs-v1.0=')
        .replace('>t1<', '><![CDATA[t1]]><'),
    ),
    ...usualSides,
  },
  {
    what: 'labels 0 and 00: tokens, not numbers',
    ...both(
      recording(named('p1', ann) + named('p2', bob) + labels('00', '0') + sends('p1', 't1') + sends('p2', 't2')),
      offerText([
        { label: '0', port: 40_000 },
        { label: '00', port: 40_002 },
      ]),
    ),
    sides: ['callee', 'caller'],
    parties: [
      ['caller', ann],
      ['callee', bob],
    ],
  },
  {
    what: 'one stream without a label beside one with: it is the line that is left',
    ...both(
      recording(
        `${named('p1', ann)}${named('p2', bob)}<stream stream_id="t1" session_id="s"/>
<stream stream_id="t2" session_id="s"><label>1</label></stream>${sends('p1', 't1')}${sends('p2', 't2')}`,
      ),
    ),
    sides: ['callee', 'caller'],
    parties: [
      ['caller', ann],
      ['callee', bob],
    ],
  },
  {
    what: 'two who share a stream, one of them marked as calling: that stream is the caller’s',
    ...both(
      recording(
        `${named('p1', ann)}<participant participant_id="p2"><nameID aor="${bob}"/><x:role xmlns:x="urn:x">caller</x:role></participant>${named('p3', cat)}${labels('1', '2')}${sends('p1', 't1')}${sends('p2', 't2')}${sends('p3', 't2')}`,
      ),
    ),
    sides: ['callee', 'caller'],
    parties: [
      ['callee', ann],
      ['caller', bob],
      ['caller', cat],
    ],
  },
  {
    what: 'only one of two says what it sends: the other line is the other’s',
    ...both(
      recording(
        `<participant participant_id="p1"><nameID aor="${ann}"/></participant><participant participant_id="p2"><nameID aor="${bob}"/><x:callingParty xmlns:x="urn:x">true</x:callingParty></participant>${labels('1', '2')}${sends('p1', 't1')}`,
      ),
    ),
    sides: ['callee', 'caller'],
    parties: [
      ['callee', ann],
      ['caller', bob],
    ],
  },
  {
    what: 'a participant without nameID, one with a bare number, a stream of video between those of sound',
    ...both(
      recording(
        `<participant participant_id="p1"/>${named('p2', '+1-555-0100')}${labels('1', '2')}${sends('p1', 't1')}${sends('p2', 't2')}`,
      ),
      offerText(two).replace('m=audio 40002', 'm=video 40010 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=audio 40002'),
    ),
    sides: ['caller', null, 'callee'],
    parties: [
      ['caller', null],
      ['callee', 'tel:+15550100'],
    ],
  },
  {
    what: 'aors by tel: URI with parameters, with a display name, in elements, entities in them',
    ...both(
      recording(
        `<participant participant_id="p1"><nameID><aor>tel:+1(555)010-0200;phone-context=example.com</aor></nameID></participant><participant participant_id="p2"><nameID aor="&quot;Bob &amp; Co&quot; &lt;sip:bob@example.com;user=phone&gt;"/></participant>${labels('1', '2')}${sends('p1', 't1')}${sends('p2', 't2')}`,
      ),
    ),
    sides: ['caller', 'callee'],
    parties: [
      ['caller', 'tel:+15550100200'],
      ['callee', bob],
    ],
  },
  {
    what: 'a multipart type and no part in it: the description as it stands',
    contentType: 'multipart/mixed;boundary=none',
    body: offerText([{ label: '1', port: 40_000 }]).replace('s=-', 's=--none'),
    sides: ['mixed'],
    parties: [['mixed', null]],
  },
  {
    what: 'a stream whose send is nested and whose association bears the session, blanks and comments all over',
    ...both(
      recording(
        `${named('p1', ann)}${named('p2', bob)}
<!-- the callee first --> ${labels('1', '2')}
<participantstreamassoc participant_id=" p2 "> <send> <stream_id> t1 </stream_id> </send> </participantstreamassoc>
<participantstreamassoc participant_id="p1" session_id="s"><send stream_id="t2"/></participantstreamassoc>`,
      ),
    ),
    sides: ['callee', 'caller'],
    parties: [
      ['caller', ann],
      ['callee', bob],
    ],
  },
];
