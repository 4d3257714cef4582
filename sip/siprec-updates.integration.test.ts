import { afterEach, expect, test } from 'vitest';
import { ann, bob, bothBodies, metadataBody, metadataText, recordingOffer, sdpBody } from './siprec/testing/bodies.ts';
import { portsOf } from './siprec/testing/recording-client.ts';
import { RecorderBench, directions } from './siprec/testing/recorder-bench.ts';

const recorder = new RecorderBench();
afterEach(() => recorder.close());

test('hold, resume and pause: what is not to be expected, and who paused', async () => {
  const bench = await recorder.open();
  const { src, ok } = await recorder.recording();
  const held = await src.request('INVITE', {
    body: sdpBody(recordingOffer([{ label: '1', direction: 'inactive' }, { label: '2' }])),
  });
  expect(directions(held)).toEqual(['a=inactive', 'a=recvonly']);
  expect(held.sdp('o=')[0]).toBe(ok.sdp('o=')[0]?.replace(' 1 IN', ' 2 IN'));
  expect([recorder.expected('caller'), recorder.expected('callee')]).toEqual([false, true]);
  expect(bench.media.lastFork.pauses).toEqual([]);
  const old = await src.request('UPDATE', { body: sdpBody(recordingOffer(undefined, 'c=IN IP4 0.0.0.0')) });
  expect(directions(old)).toEqual(['a=recvonly', 'a=recvonly']);
  expect([recorder.expected('caller'), recorder.expected('callee')]).toEqual([false, false]);
  expect(bench.media.lastFork.stream('caller').settings?.remote).toBeNull();
  const inactive = [
    { label: '1', direction: 'inactive' },
    { label: '2', direction: 'inactive' },
  ];
  await src.request('INVITE', { body: sdpBody(recordingOffer(inactive)) });
  expect(bench.media.lastFork.pauses).toEqual([true]);
  await src.request('INVITE', { body: sdpBody(recordingOffer()) });
  expect(bench.media.lastFork.pauses).toEqual([true, false]);
  expect([recorder.expected('caller'), recorder.expected('callee')]).toEqual([true, true]);
  expect(recorder.notes()).toEqual([
    'hold caller',
    'hold callee',
    'paused siprec',
    'resume caller',
    'resume callee',
    'resumed siprec',
  ]);
});

test('a client that resumes does not undo a pause that a user asked for', async () => {
  const bench = await recorder.open();
  const { src } = await recorder.recording();
  const { callId, pauses } = bench.media.lastFork;
  const inactive = ['1', '2'].map((label) => ({ label, direction: 'inactive' }));
  await src.request('INVITE', { body: sdpBody(recordingOffer(inactive)) });
  bench.server.pause(callId, true, 'user ann');
  await src.request('INVITE', { body: sdpBody(recordingOffer()) });
  expect(pauses).toEqual([true]);
  bench.server.pause(callId, false, 'user bob');
  expect(pauses).toEqual([true, false]);
});

test('a refresh is no wish to go on after an INFO that paused', async () => {
  const bench = await recorder.open();
  const { src } = await recorder.recording();
  await src.request('INFO', { headers: ['Record: off'] });
  await src.request('INVITE', { body: sdpBody(recordingOffer()) });
  expect(bench.media.lastFork.pauses).toEqual([true]);
});

test('an INFO with Record pauses and resumes; without pauseOnInactive a hold of all is a hold', async () => {
  await recorder.open({ siprec: { pauseOnInactive: false } });
  const { src } = await recorder.recording();
  await src.request('INFO', { headers: ['Record: off'] });
  await src.request('INFO', { headers: ['Record: on'] });
  const inactive = [
    { label: '1', direction: 'inactive' },
    { label: '2', direction: 'inactive' },
  ];
  await src.request('INVITE', { body: sdpBody(recordingOffer(inactive)) });
  expect(recorder.notes()).toEqual(['paused siprec-info', 'resumed siprec-info', 'hold caller', 'hold callee']);
});

test('a metadata-only update names who joined and who left, by UPDATE and by re-INVITE without a description', async () => {
  await recorder.open();
  const { src, ok } = await recorder.recording();
  const cat = { id: 'p3', uri: 'sip:cat@example.com', sends: 't2' };
  const gone =
    '<participantsessionassoc participant_id="p2" session_id="s"><disassociate-time>2026-03-01T10:00:00Z</disassociate-time></participantsessionassoc>';
  const updated = await src.request('UPDATE', { body: metadataBody(metadataText([cat], [], gone, 'partial')) });
  expect(updated.firstLine).toContain('200');
  expect(updated.body).toBe('');
  expect(recorder.who()).toEqual([
    ['caller', ann.uri, 'here'],
    ['callee', bob.uri, 'left'],
    ['callee', cat.uri, 'here'],
  ]);
  const back = { ...bob, sends: 't2' };
  const offered = await src.request('INVITE', {
    body: metadataBody(metadataText([ann, back], ['1', '2'])),
    answer: sdpBody(recordingOffer()),
  });
  expect(offered.body).toBe(ok.body);
  await expect
    .poll(() => recorder.who())
    .toEqual([
      ['caller', ann.uri, 'here'],
      ['callee', bob.uri, 'here'],
      ['callee', cat.uri, 'left'],
    ]);
});

test('transfer to a new stream: the line of who left is off, its side and its ports go on with who came', async () => {
  const bench = await recorder.open();
  const { src, ok } = await recorder.recording();
  const cat = { id: 'p3', uri: 'sip:cat@example.com', sends: 't3' };
  const answer = await src.request('INVITE', {
    body: bothBodies(
      recordingOffer([{ label: '1' }, { label: '2', port: 0 }, { label: '3', port: 40_020 }]),
      metadataText([ann, cat], ['1', '3']),
    ),
  });
  const before = portsOf(ok.body);
  expect(portsOf(answer.body)).toEqual([before[0], 0, before[1]]);
  expect(bench.media.lastFork.stream('callee').settings?.remote?.rtpPort).toBe(40_020);
  expect(recorder.who()).toEqual([
    ['caller', ann.uri, 'here'],
    ['callee', bob.uri, 'left'],
    ['callee', cat.uri, 'here'],
  ]);
});

test('a third joins as other; a fourth is not taken, and the call says so', async () => {
  const bench = await recorder.open();
  const { src } = await recorder.recording();
  const labels = ['1', '2', '3', '4'];
  const talkers = labels.map((label) => ({ id: `p${label}`, uri: `sip:${label}@example.com`, sends: `t${label}` }));
  const answer = await src.request('INVITE', {
    body: bothBodies(recordingOffer(labels.map((label) => ({ label }))), metadataText(talkers, labels)),
  });
  expect(portsOf(answer.body).map((port) => port > 0)).toEqual([true, true, true, false]);
  expect(bench.media.lastFork.stream('other').settings?.expected).toBe(true);
  expect(recorder.notes()).toEqual(['stream-not-taken three-streams-at-most']);
});

test('somebody joins who must not be recorded: paused while they are there', async () => {
  const bench = await recorder.open({ siprec: { exclude: ['^sip:lawyer@'] } });
  const { src } = await recorder.recording();
  const lawyer = { id: 'p9', uri: 'sip:lawyer@example.com', sends: 't2' };
  await src.request('UPDATE', { body: metadataBody(metadataText([ann, lawyer], ['1', '2'])) });
  expect(bench.media.lastFork.pauses).toEqual([true]);
  await src.request('UPDATE', { body: metadataBody(metadataText([ann, bob], ['1', '2'])) });
  expect(bench.media.lastFork.pauses).toEqual([true, false]);
  expect(recorder.notes()).toEqual(['paused siprec-exclude', 'resumed siprec-exclude']);
});
