import { afterEach, expect, test } from 'vitest';
import { recordingOffer, sdpBody } from './siprec/testing/bodies.ts';
import { portsOf, type ClientBody, type ClientInvite } from './siprec/testing/recording-client.ts';
import { RecorderBench } from './siprec/testing/recorder-bench.ts';

const recorder = new RecorderBench();
afterEach(() => recorder.close());

test('Cisco network-based recording: near and far end in two dialogs are one call with two sides', async () => {
  const bench = await recorder.open({ trunks: [{ name: 'cucm', match: ['127.0.0.1'], recorder: true }] });
  const parameters = 'x-refci=22;x-nearenddevice=SEP1;x-farendrefci=21;x-farenddevice=SEP2;x-farendaddr=1000';
  const near = await recorder.client();
  const far = await recorder.client();
  const single = (): ClientBody => sdpBody(recordingOffer([{}]));
  const nearOk = await near.invite({
    contactParameters: '',
    from: `<sip:2000@ucm1;x-nearend;${parameters}>`,
    body: single(),
  });
  near.ack();
  const farOk = await far.invite({
    contactParameters: '',
    from: `<sip:2000@ucm1;x-farend;${parameters}>`,
    body: single(),
  });
  far.ack();
  expect(bench.media.forks).toHaveLength(1);
  const fork = bench.media.lastFork;
  expect(portsOf(nearOk.body)).toEqual([fork.stream('callee').ports.rtpPort]);
  expect(portsOf(farOk.body)).toEqual([fork.stream('caller').ports.rtpPort]);
  expect(recorder.parties().map(({ side, uri, role }) => [side, uri, role])).toEqual([
    ['callee', 'sip:2000@ucm1', 'agent'],
    ['caller', 'sip:1000@ucm1', 'customer'],
  ]);
  expect(bench.events[0]).toMatchObject({ sourceName: 'cucm' });
  const transferred = parameters.replace('x-farendaddr=1000', 'x-farendaddr=1100');
  await far.request('UPDATE', { from: `<sip:2000@ucm1;x-farend;${transferred}>` });
  expect(recorder.parties().map(({ uri }) => uri)).toEqual(['sip:2000@ucm1', 'sip:1100@ucm1']);
  await near.request('BYE');
  expect(bench.server.activeCalls).toBe(1);
  await far.request('BYE');
  expect((await bench.ended()).reason).toBe('sender-ended');
});

test('both ends in one breath are one call still; an end that goes leaves its stream to rest', async () => {
  const bench = await recorder.open({ siprec: { users: ['recorder'] } });
  const slow = bench.media.openFork.bind(bench.media);
  bench.media.openFork = async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return slow(request);
  };
  const [near, far] = [await recorder.client(), await recorder.client()];
  const invite = (end: string): ClientInvite => ({
    contactParameters: '',
    from: `<sip:2000@ucm1;x-${end}end;x-refci=23;x-farendaddr=1000>`,
    body: sdpBody(recordingOffer([{}])),
  });
  const finals = await Promise.all([near.invite(invite('near')), far.invite(invite('far'))]);
  expect(finals.map(({ status }) => status)).toEqual([200, 200]);
  near.ack();
  far.ack();
  expect(bench.media.forks).toHaveLength(1);
  await near.request('BYE');
  expect([recorder.expected('callee'), recorder.expected('caller')]).toEqual([false, true]);
  expect(recorder.notes()).toContain('stream-ended sender-ended');
});
