import { afterEach, expect, test } from 'vitest';
import {
  ann,
  bob,
  bothBodies,
  metadataBody,
  metadataText,
  recordingOffer,
  sdpBody,
  siprecHeaders,
} from './siprec/testing/bodies.ts';
import { portsOf } from './siprec/testing/recording-client.ts';
import { RecorderBench, directions } from './siprec/testing/recorder-bench.ts';

const recorder = new RecorderBench();
afterEach(() => recorder.close());

test('without metadata: taken, marked, and a client that knows UPDATE is asked for a snapshot, which is then read', async () => {
  await recorder.open();
  const { src } = await recorder.recording({ headers: siprecHeaders, body: sdpBody(recordingOffer()) });
  expect(recorder.notes()).toEqual(['metadata-missing siprec']);
  expect(recorder.parties().map(({ side, uri }) => [side, uri])).toEqual([
    ['caller', null],
    ['callee', null],
  ]);
  const ids = recorder.parties().map(({ partyId }) => partyId);
  const asked = await src.expect('UPDATE');
  expect(asked.header('Content-Type')).toBe('application/rs-metadata-request');
  expect(asked.body).toContain('<requestsnapshot xmlns="urn:ietf:params:xml:ns:recording:1">');
  src.reply(asked, 200);
  await src.request('UPDATE', { body: metadataBody(metadataText([ann, bob], ['1', '2'])) });
  expect(recorder.parties().map(({ partyId, uri }) => [partyId, uri])).toEqual([
    [ids[0], ann.uri],
    [ids[1], bob.uri],
  ]);
});

test('metadata that cannot be read costs no recording; a partial update that hangs in the air is asked about', async () => {
  await recorder.open();
  const { src } = await recorder.recording({ headers: siprecHeaders, body: bothBodies(recordingOffer(), '<recordin') });
  expect(recorder.notes()).toEqual(['metadata-unreadable malformed']);
  src.reply(await src.expect('UPDATE'), 200);
  await src.request('UPDATE', { body: metadataBody(metadataText([ann, bob], ['1', '2'])) });
  await src.request('UPDATE', {
    body: metadataBody(
      metadataText(
        [],
        [],
        '<participantstreamassoc participant_id="p8"><send>t2</send></participantstreamassoc>',
        'partial',
      ),
    ),
  });
  src.reply(await src.expect('UPDATE'), 491);
});

test('a client that has forgotten the recording is told apart from one that ended it', async () => {
  const bench = await recorder.open();
  const { src } = await recorder.recording({ headers: siprecHeaders, body: sdpBody(recordingOffer()) });
  src.reply(await src.expect('UPDATE'), 481);
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'sender-lost', sipStatus: null });
});

test('the answer is ours to ask for: INVITE without a description, the answer in the ACK', async () => {
  const bench = await recorder.open({ siprec: { users: ['recorder'] } });
  const src = await recorder.client();
  const ok = await src.invite({ contactParameters: '' });
  expect(ok.sdp('m=')).toEqual([expect.stringMatching(/^m=audio [1-9]\d+ RTP\/AVP 0 8 9 13 101$/)]);
  expect(directions(ok)).toEqual(['a=recvonly']);
  src.ack(sdpBody(recordingOffer([{ formats: '8 101' }])));
  await expect.poll(() => bench.media.lastFork.stream('mixed').settings?.remote?.rtpPort).toBe(40_000);
  expect(bench.media.lastFork.stream('mixed').settings?.formats.map(({ carries }) => carries)).toEqual([
    'pcma',
    'telephone-event',
  ]);
  expect(recorder.notes()).toEqual(['metadata-missing plain']);
});

test('an UPDATE that comes before the ACK does not cost the answer in it', async () => {
  const bench = await recorder.open({ siprec: { users: ['recorder'] } });
  const src = await recorder.client();
  await src.invite({ contactParameters: '' });
  const metadata = metadataText([ann, bob], ['1']);
  const updated = await src.request('UPDATE', { body: metadataBody(metadata) });
  expect(updated.body).toBe('');
  src.ack(sdpBody(recordingOffer([{ formats: '8 101' }])), 1);
  await expect.poll(() => bench.media.lastFork.stream('mixed').settings?.remote?.rtpPort).toBe(40_000);
});

test('metadata without a description: a line is offered for each stream that it names', async () => {
  const bench = await recorder.open();
  const src = await recorder.client();
  const ok = await src.invite({ headers: siprecHeaders, body: metadataBody(metadataText([bob, ann], ['1', '2'])) });
  expect(ok.sdp('a=label')).toEqual(['a=label:1', 'a=label:2']);
  src.ack(sdpBody(recordingOffer([{}, {}])));
  await expect.poll(() => bench.media.lastFork.stream('caller').settings?.remote?.rtpPort).toBe(40_002);
  expect(portsOf(ok.body)).toEqual([
    bench.media.lastFork.stream('callee').ports.rtpPort,
    bench.media.lastFork.stream('caller').ports.rtpPort,
  ]);
  expect(recorder.who()).toEqual([
    ['caller', bob.uri, 'here'],
    ['callee', ann.uri, 'here'],
  ]);
});
