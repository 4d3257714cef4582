import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { isMetadata, readParts, sdpType } from './multipart.ts';
import { readOffer } from '../sdp/offer.ts';
import { Parties } from './parties.ts';
import { mergeMetadata, nothingKnown } from './recording-state.ts';
import { readHints } from './party-hints.ts';
import { readMetadata } from './rs-metadata.ts';
import { assignSides } from './sides.ts';
import { multipart, offerText, vendorBodies } from './testing/vendor-bodies.ts';
import { readXml } from './xml.ts';

/** What a recorder makes of a body: for each m-line its label, its side and whose voice it is. */
function streamsOf(contentType: string | undefined, body: string): unknown[] {
  const parts = readParts(contentType, body);
  const offer = readOffer(parts.find(({ type }) => type === sdpType)?.body ?? '');
  if (!offer.ok) throw new Error(offer.problem);
  const part = parts.find(isMetadata);
  const read = part === undefined ? undefined : readMetadata(part.body);
  const extra = parts.find((each) => !isMetadata(each) && each.type.endsWith('+xml'));
  const state =
    read?.ok === true
      ? mergeMetadata(
          nothingKnown,
          extra === undefined ? read.metadata : { ...read.metadata, hints: readHints(extra.body) },
        ).state
      : nothingKnown;
  const lines = assignSides(
    offer.offer.lines.map(({ label, audio }) => ({
      label,
      usable: audio !== null,
      active: audio?.rtpPort !== 0,
      side: null,
    })),
    state,
  );
  const parties = new Parties().update(lines, state, 0, () => ({ uri: null, displayName: null, role: 'unknown' }));
  return lines.map(({ side }, index) => ({
    label: offer.offer.lines[index]?.label ?? null,
    side,
    uris: parties.filter((party) => party.side === side).map(({ uri }) => uri),
  }));
}

test.each(vendorBodies)('$vendor', ({ contentType, body, streams }) => {
  expect(streamsOf(contentType, body)).toEqual(streams);
});

const real = resolve(import.meta.dirname, '../../../shared/siprec');
test.skipIf(!existsSync(real))('real bodies of recorder clients: two streams, two parties each', () => {
  for (const file of readdirSync(real)) {
    const streams = streamsOf(undefined, readFileSync(join(real, file), 'utf8').trimStart());
    expect(streams, file).toMatchObject([{ side: 'caller' }, { side: 'callee' }]);
    expect(streams.every((stream) => (stream as { uris: unknown[] }).uris.length === 1)).toBe(true);
  }
});

test('multipart: whatever the line ends, the quotes and the order, the parts are the same', () => {
  const parts = [
    { headers: ['Content-Type: application/sdp; charset=utf-8'], text: 'v=0\r\na=x' },
    { headers: ['content-type : text/plain', 'X-Long: a', ' b'], text: 'hello\r\n\r\nworld' },
  ];
  for (const lineEnd of ['\r\n', '\n'] as const) {
    for (const quoted of [true, false]) {
      for (const last of [true, false]) {
        const { contentType, body } = multipart({
          boundary: "b'()+_,-./:=?",
          quoted,
          last,
          lineEnd,
          parts,
          preamble: 'x\r\n',
        });
        const read = readParts(quoted ? `${contentType};a=b` : contentType, body);
        expect(read.map(({ type }) => type)).toEqual(['application/sdp', 'text/plain']);
        expect(read[1]?.body.trimEnd().split(/\r?\n/)).toEqual(['hello', '', 'world']);
      }
    }
  }
});

test('multipart: a boundary that only begins like the delimiter divides nothing; a wrong one is found out', () => {
  const body = '--b\r\n\r\nv=0\r\n--bc\r\na=y\r\n--b--\r\nepilogue --b\r\n';
  expect(readParts('multipart/mixed;boundary=b', body)).toEqual([
    { type: 'application/sdp', disposition: '', body: 'v=0\r\n--bc\r\na=y\r\n' },
  ]);
  expect(readParts('multipart/mixed;boundary=other', body)[0]?.body).toContain('v=0');
  expect(readParts('multipart/mixed', 'nothing here')).toEqual([]);
  const nested = `--o\r\nContent-Type: multipart/related;boundary=i\r\n\r\n--i\r\n\r\nv=0\r\n--i--\r\n--o--`;
  expect(readParts('multipart/mixed;boundary=o', nested).map(({ type }) => type)).toEqual(['application/sdp']);
});

test('XML: local names, five entities and character references, nothing else', () => {
  const read = readXml('<x:A q:b="1 &lt; 2"><!-- <c> --><y:D>&#233; &amp; &bomb; <![CDATA[<z>]]></y:D></x:A>');
  expect(read).toMatchObject({ ok: true, root: { name: 'a', attributes: { b: '1 < 2' } } });
  expect(read.ok && read.root.children).toEqual([{ name: 'd', attributes: {}, children: [], text: 'é & &bomb; <z>' }]);
});

test.each([
  ['<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><recording>&b;</recording>', 'forbidden'],
  ['<!DOCTYPE r SYSTEM "http://192.0.2.1/evil.dtd"><recording/>', 'forbidden'],
  ['<recording><! ENTITY x SYSTEM "file:///etc/passwd"></recording>', 'forbidden'],
  ['<a>'.repeat(5000), 'too-deep'],
  [`<recording>${'x'.repeat(70_000)}</recording>`, 'too-large'],
  ['', 'malformed'],
  ['not xml', 'malformed'],
  ['<html/>', 'not-recording'],
])('metadata that is refused: %s', (text, problem) => {
  expect(readMetadata(text)).toEqual({ ok: false, problem });
});

test('an offer: every codec that can be taken, telephone-event at the clock rates of those, labels as text', () => {
  const read = readOffer(
    offerText([
      {
        label: 'a-token.7',
        port: 5000,
        formats: '111 9 18 0 110 101 100 13 8 0',
        more: [
          'c=IN IP6 2001:db8::7',
          'a=rtpmap:111 opus/48000/2',
          'a=rtpmap:110 telephone-event/48000',
          'a=rtpmap:101 telephone-event/8000',
          'a=fmtp:101 0-16,32',
          'a=rtpmap:100 telephone-event/16000',
          'a=rtcp:5009',
          'a=inactive',
        ],
      },
      { port: 0 },
      { label: '0', port: 5004, formats: '18', more: ['a=sendonly'] },
    ]),
  );
  expect(read).toMatchObject({
    ok: true,
    offer: {
      lines: [
        {
          label: 'a-token.7',
          audio: { address: '2001:db8::7', rtcpPort: 5009, direction: 'inactive', unspecified: false },
        },
        { label: null, audio: { rtpPort: 0, direction: 'sendonly' } },
        { label: '0', audio: null, refusal: 'no-common-codec', formats: '18' },
      ],
    },
  });
  expect(
    read.ok &&
      read.offer.lines[0]?.audio?.formats.map(({ payloadType, carries, clockRateHz, events }) => [
        payloadType,
        carries,
        clockRateHz,
        events,
      ]),
  ).toEqual([
    [111, 'opus', 48_000, null],
    [9, 'g722', 8000, null],
    [0, 'pcmu', 8000, null],
    [110, 'telephone-event', 48_000, '0-15'],
    [101, 'telephone-event', 8000, '0-16,32'],
    [13, 'comfort-noise', 8000, null],
    [8, 'pcma', 8000, null],
  ]);
});

test('an offer that cannot be taken says why, and which codecs it had', () => {
  const only = (formats: string, more: string[] = []): string => offerText([{ port: 5000, formats, more }]);
  expect(readOffer(only('18 4'))).toEqual({ ok: false, problem: 'no-common-codec', codecs: ['G729', 'G723'] });
  expect(readOffer(only('96', ['a=rtpmap:96 AMR-WB/16000']))).toEqual({
    ok: false,
    problem: 'no-common-codec',
    codecs: ['AMR-WB'],
  });
  expect(readOffer(only('0').replace('RTP/AVP', 'RTP/SAVP'))).toMatchObject({ problem: 'secure-only' });
  expect(readOffer(only('0').replace('m=audio', 'm=video'))).toMatchObject({ problem: 'no-audio' });
  expect(readOffer('INVITE')).toMatchObject({ problem: 'malformed' });
  expect(readOffer(only('0').replace('5000', '99999'))).toMatchObject({ problem: 'malformed' });
});
