import { afterEach, expect, test } from 'vitest';
import { RecorderBench } from './siprec/testing/recorder-bench.ts';
import { portsOf } from './siprec/testing/recording-client.ts';
import { metadataText, recordingOffer, siprecHeaders } from './siprec/testing/bodies.ts';
import { oddBodies } from './siprec/testing/odd-bodies.ts';

const recorder = new RecorderBench();
afterEach(() => recorder.close());

test.each(oddBodies)('$what', async ({ contentType, body, sides, parties }) => {
  const bench = await recorder.open();
  const { ok } = await recorder.recording({ headers: siprecHeaders, body: { contentType, body } });
  const { lastFork } = bench.media;
  expect(portsOf(ok.body)).toEqual(sides.map((side) => (side === null ? 0 : lastFork.stream(side).ports.rtpPort)));
  expect(recorder.who()).toEqual(parties.map(([side, uri]) => [side, uri, 'here']));
  expect(recorder.notes().filter((note) => note.startsWith('metadata-unreadable'))).toEqual([]);
});

test('a session that has stopped has nobody in it; who is in the next one of the group is there', async () => {
  await recorder.open();
  const talkers = [
    { id: 'p1', uri: 'sip:ann@example.com', sends: 't1' },
    { id: 'p2', uri: 'sip:bob@example.com', sends: 't2' },
  ];
  const metadata = { contentType: 'application/rs-metadata+xml', body: '' };
  const { src } = await recorder.recording();
  const whole = metadataText(talkers, ['1', '2'], '<group group_id="g1"/>');
  await src.request('UPDATE', { body: { ...metadata, body: whole } });
  const stopped = `<session session_id="s"><group-ref>g1</group-ref><stop-time>2026-03-01T10:05:00Z</stop-time></session>
<group group_id="g2"/><session session_id="s2"><group-ref>g2</group-ref></session>
<participant participant_id="p3"><nameID aor="tel:+1-555-0100"/></participant>
<participantsessionassoc participant_id="p1" session_id="s2"/><participantsessionassoc participant_id="p3" session_id="s2"/>
<participantstreamassoc participant_id="p3"><send>t2</send></participantstreamassoc>`;
  const text = `<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>partial</datamode>${stopped}</recording>`;
  await src.request('UPDATE', { body: { ...metadata, body: text } });
  expect(recorder.who()).toEqual([
    ['caller', 'sip:ann@example.com', 'here'],
    ['callee', 'sip:bob@example.com', 'left'],
    ['callee', 'tel:+15550100', 'here'],
  ]);
});

test.each(['lawyer@example.com', 'SIP:lawyer@example.com:5060', '"L" <sip:lawyer@example.com>'])(
  'who must not be recorded is not, however the client writes it: %s',
  async (uri) => {
    await recorder.open({ siprec: { exclude: ['^sip:lawyer@'] } });
    const src = await recorder.client();
    const aor = uri.replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const body = metadataText([{ id: 'p1', uri: aor, sends: 't1' }], ['1']);
    const boundary = 'b';
    const parts = [`Content-Type: application/sdp\r\n\r\n${recordingOffer([{ label: '1' }])}`];
    parts.push(`Content-Type: application/rs-metadata+xml\r\n\r\n${body}`);
    const text = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--`;
    const answer = await src.invite({
      headers: siprecHeaders,
      body: { contentType: 'multipart/mixed;boundary=b', body: text },
    });
    expect(answer.status).toBe(603);
  },
);
