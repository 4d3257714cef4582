import { expect, test } from 'vitest';
import { readMetadata } from './rs-metadata.ts';

/** rs-metadata that is odd, and what is made of it: by the section of RFC 7865 or of XML that allows it, or does not. */
const open = '<recording xmlns="urn:ietf:params:xml:ns:recording:1">';
const whole = [
  '<datamode>complete</datamode>',
  '<session session_id="s"/>',
  '<participant participant_id="p1"><nameID aor="sip:nora@example.org"><name>Nora</name></nameID></participant>',
  '<participantstreamassoc participant_id="p1"><send>t1</send><recv>t2</recv></participantstreamassoc>',
  '<stream stream_id="t1" session_id="s"><label>0</label></stream>',
].join('');

/** Mode, participants, streams with their labels, and who sends what. */
function read(text: string): string {
  const result = readMetadata(text);
  if (!result.ok) return result.problem;
  const { dataMode, participants, streams, participantStreams } = result.metadata;
  return [
    dataMode,
    participants.map(({ id, aor, name }) => `${id}=${aor ?? '?'}/${name ?? '?'}`).join(),
    streams.map(({ id, label }) => `${id}:${label ?? '-'}`).join(),
    participantStreams.map(({ participantId, sends }) => `${participantId}>${sends.join('+')}`).join(),
  ].join(' ');
}
const plain = 'complete p1=sip:nora@example.org/Nora t1:0 p1>t1';

test.each([
  ['RFC 7865 section 6: as it should be', `${open}${whole}</recording>`, plain],
  [
    'XML 1.0 section 2.8: a declaration, a comment, an instruction',
    `<?xml version="1.0"?><!-- x --><?y z?>${open}${whole}</recording>`,
    plain,
  ],
  ['section 2.8: blanks before the declaration', `\r\n <?xml version="1.0"?>${open}${whole}</recording>`, plain],
  ['a byte order mark', `\ufeff<?xml version="1.0"?>${open}${whole}</recording>`, plain],
  [
    'Namespaces section 6.1: a prefix',
    `<x:recording xmlns:x="urn:ietf:params:xml:ns:recording:1">${whole.replaceAll(/<(\/?)/g, '<$1x:')}</x:recording>`,
    plain,
  ],
  ['no namespace', `<recording>${whole}</recording>`, plain],
  ['the namespace of a draft', `<recording xmlns="urn:ietf:params:xml:ns:recording">${whole}</recording>`, plain],
  [
    'section 2.4: text as CDATA',
    `${open}${whole.replace('<label>0</label>', '<label><![CDATA[0]]></label>')}</recording>`,
    plain,
  ],
  [
    'section 4.6: the five entities of XML',
    `${open}${whole.replace('>Nora<', '>N&amp;o&#x41;<')}</recording>`,
    plain.replace('/Nora', '/N&oA'),
  ],
  ['blanks around an id', `${open}${whole.replace('<send>t1</send>', '<send>\n t1 </send>')}</recording>`, plain],
  [
    'section 6.1.1: no mode means complete',
    `${open}${whole.replace('<datamode>complete</datamode>', '')}</recording>`,
    plain,
  ],
  [
    'a mode in capitals',
    `${open}${whole.replace('complete', 'PARTIAL')}</recording>`,
    plain.replace('complete', 'partial'),
  ],
  [
    'section 6.6: a participant without a name',
    `${open}${whole.replace('<name>Nora</name>', '')}</recording>`,
    plain.replace('Nora', '?'),
  ],
  [
    'section 6.7: a stream without a label',
    `${open}${whole.replace('<label>0</label>', '')}</recording>`,
    plain.replace(':0', ':-'),
  ],
  [
    'extensions of any namespace',
    `${open}${whole}<y xmlns="urn:y"><participant participant_id="no"/></y></recording>`,
    plain,
  ],
  ['a DOCTYPE', `<!DOCTYPE recording>${open}${whole}</recording>`, 'forbidden'],
  ['an entity of its own', `<!DOCTYPE r [<!ENTITY a "b">]>${open}&a;</recording>`, 'forbidden'],
  ['another document', '<presence xmlns="urn:ietf:params:xml:ns:pidf"/>', 'not-recording'],
  ['nested without end', `${open}${'<a>'.repeat(40)}`, 'too-deep'],
  ['over 64 kB', `${open}${' '.repeat(66_000)}</recording>`, 'too-large'],
  ['cut off', `${open}${whole.slice(0, 300)}`, 'malformed'],
  ['nothing', '', 'malformed'],
])('%s', (_what, text, expected) => {
  expect(read(text)).toBe(expected);
});
