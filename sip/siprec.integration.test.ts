import { afterEach, expect, test } from 'vitest';
import type { Party, PartySide } from './types.ts';
import {
  ann,
  bob,
  bothBodies,
  metadataBody,
  metadataText,
  plainRecording,
  recordingOffer,
  sdpBody,
  siprecHeaders,
} from './siprec/testing/bodies.ts';
import { portsOf, RecordingClient, type ClientBody, type ClientInvite } from './siprec/testing/recording-client.ts';
import { toneIn } from './siprec/testing/tone.ts';
import { vendorBodies } from './siprec/testing/vendor-bodies.ts';
import { openBench, type Bench } from './testing/bench.ts';
import type { RawMessage } from './testing/raw-message.ts';

let bench: Bench;
const clients: RecordingClient[] = [];
afterEach(async () => {
  for (const each of clients) each.answerByes();
  await bench.close();
  for (const each of clients.splice(0)) await each.close();
});

async function client(transport: 'udp' | 'tcp' = 'udp'): Promise<RecordingClient> {
  const port = bench.server.bindings.find((each) => each.transport === transport)?.port ?? 0;
  const opened = await RecordingClient.open(port, transport);
  clients.push(opened);
  return opened;
}

/** A recording that is up. */
async function recording(
  invite: ClientInvite = { headers: siprecHeaders, body: plainRecording() },
): Promise<{ readonly src: RecordingClient; readonly ok: RawMessage }> {
  const src = await client();
  const ok = await src.invite(invite);
  expect(ok.firstLine).toContain('200');
  src.ack();
  const answered = (): number => bench.events.filter(({ type }) => type === 'answered').length;
  const ringing = bench.events.filter(({ type }) => type === 'ringing').length;
  await expect.poll(answered).toBe(ringing);
  return { src, ok };
}

const notes = (): string[] =>
  bench.events.flatMap((event) => (event.type === 'note' ? [`${event.note} ${event.detail}`] : []));
const parties = (): readonly Party[] =>
  bench.events
    .flatMap((event) => (event.type === 'ringing' || event.type === 'parties' ? [event.parties] : []))
    .at(-1) ?? [];
const who = (): unknown[] => parties().map(({ side, uri, leftMs }) => [side, uri, leftMs === null ? 'here' : 'left']);
const expected = (side: PartySide): boolean | undefined => bench.media.lastFork.stream(side).settings?.expected;
const directions = (message: RawMessage): string[] =>
  message.sdp('a=').filter((each) => /=(?:sendrecv|sendonly|recvonly|inactive)$/.test(each));

test.each(['udp', 'tcp'] as const)(
  'a recording by %s: answered, heard on the right sides, ended',
  async (transport) => {
    bench = await openBench();
    const src = await client(transport);
    const ok = await src.invite({ headers: siprecHeaders, body: plainRecording() });
    src.ack();
    expect(ok.header('Contact')).toMatch(/^<sip:sidetone@127\.0\.0\.1:\d+(;transport=tcp)?>;\+sip\.srs$/);
    expect(ok.header('Supported')).toContain('siprec');
    expect(ok.header('Content-Type')).toBe('application/sdp');
    expect(ok.sdp('a=label')).toEqual(['a=label:1', 'a=label:2']);
    expect(directions(ok)).toEqual(['a=recvonly', 'a=recvonly']);
    const [first = 0, second = 0] = portsOf(ok.body);
    const fork = bench.media.lastFork;
    expect([first, second]).toEqual([fork.stream('caller').ports.rtpPort, fork.stream('callee').ports.rtpPort]);
    await Promise.all([src.sendTone(first, 500), src.sendTone(second, 1100)]);
    await expect.poll(() => fork.stream('caller').payloads.length + fork.stream('callee').payloads.length).toBe(50);
    expect(toneIn(Buffer.concat(fork.stream('caller').payloads), [500, 1100])).toBe(500);
    expect(toneIn(Buffer.concat(fork.stream('callee').payloads), [500, 1100])).toBe(1100);
    expect(bench.server.activeCalls).toBe(1);
    expect((await src.request('BYE')).firstLine).toContain('200');
    expect(await bench.ended()).toEqual({ result: 'completed', reason: 'sender-ended', sipStatus: null });
    await bench.server.whenIdle();
    expect(fork.closed).toBe(true);
    expect(bench.events.map(({ type }) => type)).toEqual(['ringing', 'answered', 'ended']);
    expect(bench.events[0]).toMatchObject({ source: 'siprec', sourceName: '127.0.0.1', sipCallIds: [src.callId] });
    expect(who()).toEqual([
      ['caller', ann.uri, 'here'],
      ['callee', bob.uri, 'here'],
    ]);
  },
);

test.each(vendorBodies)(
  '$vendor: every line answered in its place, every stream on its side',
  async ({ contentType, body, streams }) => {
    bench = await openBench();
    const { src, ok } = await recording({ headers: ['Supported: siprec'], body: { contentType, body } });
    const ports = portsOf(ok.body);
    expect(ports).toEqual(streams.map(({ side }) => bench.media.lastFork.stream(side).ports.rtpPort));
    const frequencies = [500, 1100, 1700];
    await Promise.all(ports.map((port, index) => src.sendTone(port, frequencies[index] ?? 0)));
    for (const [index, { side }] of streams.entries()) {
      const stream = bench.media.lastFork.stream(side);
      await expect.poll(() => stream.payloads.length).toBe(25);
      expect(toneIn(Buffer.concat(stream.payloads), frequencies)).toBe(frequencies[index]);
    }
    expect(parties().map(({ side, uri }) => ({ side, uri }))).toEqual(
      expect.arrayContaining(streams.flatMap(({ side, uris }) => uris.map((uri) => ({ side, uri })))),
    );
  },
);

test('names in any script and any language, and a body whose bytes are more than its characters', async () => {
  bench = await openBench();
  const named = metadataText([ann, bob], ['1', '2'])
    .replace(`aor="${ann.uri}"/>`, `aor="${ann.uri}"><name xml:lang="sk">Žofia Ťahaľová</name></nameID>`)
    .replace(
      `aor="${bob.uri}"/>`,
      `aor="${bob.uri}"><name xml:lang="zh"> </name><name>王小明 &#x1F4DE;</name></nameID>`,
    );
  await recording({ headers: siprecHeaders, body: bothBodies(recordingOffer(), `\uFEFF${named}`) });
  expect(parties().map(({ displayName }) => displayName)).toEqual(['Žofia Ťahaľová', '王小明 📞']);
});

test('all codecs that can be taken are answered, with telephone-event; lines that cannot be taken keep their place', async () => {
  bench = await openBench();
  const offer = recordingOffer([{ label: '1', formats: '0 8 9 18 101 13' }, { label: '2' }])
    .replace(
      'm=audio 40002',
      'm=video 40010 RTP/AVP 99\r\na=label:v\r\nm=audio 0 RTP/AVP 0\r\na=label:z\r\nm=audio 40002',
    )
    .replace('a=sendonly', 'a=fmtp:101 0-16\r\na=ptime:30\r\na=rtcp-mux\r\na=sendonly');
  const { ok } = await recording({ headers: siprecHeaders, body: sdpBody(offer) });
  const [first, ...others] = ok.sdp('m=');
  expect(first).toMatch(/^m=audio \d+ RTP\/AVP 0 8 9 101 13$/);
  expect(others).toEqual([
    'm=video 0 RTP/AVP 99',
    'm=audio 0 RTP/AVP 0',
    expect.stringMatching(/^m=audio [1-9]\d+ RTP\/AVP 0 8 101$/),
  ]);
  expect(ok.sdp('a=label')).toEqual(['a=label:1', 'a=label:v', 'a=label:z', 'a=label:2']);
  expect(ok.body).toContain('a=fmtp:101 0-16\r\na=rtpmap:13 CN/8000\r\na=ptime:30\r\na=rtcp-mux\r\n');
  expect(bench.media.lastFork.stream('caller').settings).toMatchObject({
    remote: { address: '192.0.2.40', rtpPort: 40_000, rtcpPort: 40_000 },
    acceptedAddresses: ['192.0.2.40', '127.0.0.1'],
    rtcpMux: true,
    expected: true,
    formats: [
      { payloadType: 0, carries: 'pcmu', clockRateHz: 8000 },
      { payloadType: 8, carries: 'pcma', clockRateHz: 8000 },
      { payloadType: 9, carries: 'g722', clockRateHz: 8000 },
      { payloadType: 101, carries: 'telephone-event', clockRateHz: 8000 },
      { payloadType: 13, carries: 'comfort-noise', clockRateHz: 8000 },
    ],
  });
});

test('hold, resume and pause: what is not to be expected, and who paused', async () => {
  bench = await openBench();
  const { src, ok } = await recording();
  const held = await src.request('INVITE', {
    body: sdpBody(recordingOffer([{ label: '1', direction: 'inactive' }, { label: '2' }])),
  });
  expect(directions(held)).toEqual(['a=inactive', 'a=recvonly']);
  expect(held.sdp('o=')[0]).toBe(ok.sdp('o=')[0]?.replace(' 1 IN', ' 2 IN'));
  expect([expected('caller'), expected('callee')]).toEqual([false, true]);
  expect(bench.media.lastFork.pauses).toEqual([]);
  const old = await src.request('UPDATE', { body: sdpBody(recordingOffer(undefined, 'c=IN IP4 0.0.0.0')) });
  expect(directions(old)).toEqual(['a=recvonly', 'a=recvonly']);
  expect([expected('caller'), expected('callee')]).toEqual([false, false]);
  expect(bench.media.lastFork.stream('caller').settings?.remote).toBeNull();
  const inactive = [
    { label: '1', direction: 'inactive' },
    { label: '2', direction: 'inactive' },
  ];
  await src.request('INVITE', { body: sdpBody(recordingOffer(inactive)) });
  expect(bench.media.lastFork.pauses).toEqual([true]);
  await src.request('INVITE', { body: sdpBody(recordingOffer()) });
  expect(bench.media.lastFork.pauses).toEqual([true, false]);
  expect([expected('caller'), expected('callee')]).toEqual([true, true]);
  expect(notes()).toEqual([
    'hold caller',
    'hold callee',
    'paused siprec',
    'resume caller',
    'resume callee',
    'resumed siprec',
  ]);
});

test('a client that resumes does not undo a pause that a user asked for', async () => {
  bench = await openBench();
  const { src } = await recording();
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
  bench = await openBench();
  const { src } = await recording();
  await src.request('INFO', { headers: ['Record: off'] });
  await src.request('INVITE', { body: sdpBody(recordingOffer()) });
  expect(bench.media.lastFork.pauses).toEqual([true]);
});

test('an INFO with Record pauses and resumes; without pauseOnInactive a hold of all is a hold', async () => {
  bench = await openBench({ siprec: { pauseOnInactive: false } });
  const { src } = await recording();
  await src.request('INFO', { headers: ['Record: off'] });
  await src.request('INFO', { headers: ['Record: on'] });
  const inactive = [
    { label: '1', direction: 'inactive' },
    { label: '2', direction: 'inactive' },
  ];
  await src.request('INVITE', { body: sdpBody(recordingOffer(inactive)) });
  expect(notes()).toEqual(['paused siprec-info', 'resumed siprec-info', 'hold caller', 'hold callee']);
});

test('a metadata-only update names who joined and who left, by UPDATE and by re-INVITE without a description', async () => {
  bench = await openBench();
  const { src, ok } = await recording();
  const cat = { id: 'p3', uri: 'sip:cat@example.com', sends: 't2' };
  const gone =
    '<participantsessionassoc participant_id="p2" session_id="s"><disassociate-time>2026-03-01T10:00:00Z</disassociate-time></participantsessionassoc>';
  const updated = await src.request('UPDATE', { body: metadataBody(metadataText([cat], [], gone, 'partial')) });
  expect(updated.firstLine).toContain('200');
  expect(updated.body).toBe('');
  expect(who()).toEqual([
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
  await expect.poll(who).toEqual([
    ['caller', ann.uri, 'here'],
    ['callee', bob.uri, 'here'],
    ['callee', cat.uri, 'left'],
  ]);
});

test('transfer to a new stream: the line of who left is off, its side and its ports go on with who came', async () => {
  bench = await openBench();
  const { src, ok } = await recording();
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
  expect(who()).toEqual([
    ['caller', ann.uri, 'here'],
    ['callee', bob.uri, 'left'],
    ['callee', cat.uri, 'here'],
  ]);
});

test('a third joins as other; a fourth is not taken, and the call says so', async () => {
  bench = await openBench();
  const { src } = await recording();
  const labels = ['1', '2', '3', '4'];
  const talkers = labels.map((label) => ({ id: `p${label}`, uri: `sip:${label}@example.com`, sends: `t${label}` }));
  const answer = await src.request('INVITE', {
    body: bothBodies(recordingOffer(labels.map((label) => ({ label }))), metadataText(talkers, labels)),
  });
  expect(portsOf(answer.body).map((port) => port > 0)).toEqual([true, true, true, false]);
  expect(bench.media.lastFork.stream('other').settings?.expected).toBe(true);
  expect(notes()).toEqual(['stream-not-taken three-streams-at-most']);
});

test('without metadata: taken, marked, and a client that knows UPDATE is asked for a snapshot, which is then read', async () => {
  bench = await openBench();
  const { src } = await recording({ headers: siprecHeaders, body: sdpBody(recordingOffer()) });
  expect(notes()).toEqual(['metadata-missing siprec']);
  expect(parties().map(({ side, uri }) => [side, uri])).toEqual([
    ['caller', null],
    ['callee', null],
  ]);
  const ids = parties().map(({ partyId }) => partyId);
  const asked = await src.expect('UPDATE');
  expect(asked.header('Content-Type')).toBe('application/rs-metadata-request');
  expect(asked.body).toContain('<requestsnapshot xmlns="urn:ietf:params:xml:ns:recording:1">');
  src.reply(asked, 200);
  await src.request('UPDATE', { body: metadataBody(metadataText([ann, bob], ['1', '2'])) });
  expect(parties().map(({ partyId, uri }) => [partyId, uri])).toEqual([
    [ids[0], ann.uri],
    [ids[1], bob.uri],
  ]);
});

test('metadata that cannot be read costs no recording; a partial update that hangs in the air is asked about', async () => {
  bench = await openBench();
  const { src } = await recording({ headers: siprecHeaders, body: bothBodies(recordingOffer(), '<recordin') });
  expect(notes()).toEqual(['metadata-unreadable malformed']);
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
  bench = await openBench();
  const { src } = await recording({ headers: siprecHeaders, body: sdpBody(recordingOffer()) });
  src.reply(await src.expect('UPDATE'), 481);
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'sender-lost', sipStatus: null });
});

test('the answer is ours to ask for: INVITE without a description, the answer in the ACK', async () => {
  bench = await openBench({ siprec: { users: ['recorder'] } });
  const src = await client();
  const ok = await src.invite({ contactParameters: '' });
  expect(ok.sdp('m=')).toEqual([expect.stringMatching(/^m=audio [1-9]\d+ RTP\/AVP 0 8 9 13 101$/)]);
  expect(directions(ok)).toEqual(['a=recvonly']);
  src.ack(sdpBody(recordingOffer([{ formats: '8 101' }])));
  await expect.poll(() => bench.media.lastFork.stream('mixed').settings?.remote?.rtpPort).toBe(40_000);
  expect(bench.media.lastFork.stream('mixed').settings?.formats.map(({ carries }) => carries)).toEqual([
    'pcma',
    'telephone-event',
  ]);
  expect(notes()).toEqual(['metadata-missing plain']);
});

test('metadata without a description: a line is offered for each stream that it names', async () => {
  bench = await openBench();
  const src = await client();
  const ok = await src.invite({ headers: siprecHeaders, body: metadataBody(metadataText([bob, ann], ['1', '2'])) });
  expect(ok.sdp('a=label')).toEqual(['a=label:1', 'a=label:2']);
  src.ack(sdpBody(recordingOffer([{}, {}])));
  await expect.poll(() => bench.media.lastFork.stream('caller').settings?.remote?.rtpPort).toBe(40_002);
  expect(portsOf(ok.body)).toEqual([
    bench.media.lastFork.stream('callee').ports.rtpPort,
    bench.media.lastFork.stream('caller').ports.rtpPort,
  ]);
  expect(who()).toEqual([
    ['caller', bob.uri, 'here'],
    ['callee', ann.uri, 'here'],
  ]);
});

test('Cisco network-based recording: near and far end in two dialogs are one call with two sides', async () => {
  bench = await openBench({ trunks: [{ name: 'cucm', match: ['127.0.0.1'], recorder: true }] });
  const parameters = 'x-refci=22;x-nearenddevice=SEP1;x-farendrefci=21;x-farenddevice=SEP2;x-farendaddr=1000';
  const near = await client();
  const far = await client();
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
  expect(parties().map(({ side, uri, role }) => [side, uri, role])).toEqual([
    ['callee', 'sip:2000@ucm1', 'agent'],
    ['caller', 'sip:1000@ucm1', 'customer'],
  ]);
  expect(bench.events[0]).toMatchObject({ sourceName: 'cucm' });
  const transferred = parameters.replace('x-farendaddr=1000', 'x-farendaddr=1100');
  await far.request('UPDATE', { from: `<sip:2000@ucm1;x-farend;${transferred}>` });
  expect(parties().map(({ uri }) => uri)).toEqual(['sip:2000@ucm1', 'sip:1100@ucm1']);
  await near.request('BYE');
  expect(bench.server.activeCalls).toBe(1);
  await far.request('BYE');
  expect((await bench.ended()).reason).toBe('sender-ended');
});

test('both ends in one breath are one call still; an end that goes leaves its stream to rest', async () => {
  bench = await openBench({ siprec: { users: ['recorder'] } });
  const slow = bench.media.openFork.bind(bench.media);
  bench.media.openFork = async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return slow(request);
  };
  const [near, far] = [await client(), await client()];
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
  expect([expected('callee'), expected('caller')]).toEqual([false, true]);
  expect(notes()).toContain('stream-ended sender-ended');
});

test('a header of the INVITE says how the copy may be kept', async () => {
  bench = await openBench({ sip: { recordHeader: 'X-Record' } });
  await recording({ headers: [...siprecHeaders, 'X-Record: none'], body: plainRecording() });
  expect(bench.media.lastFork.record).toBe('none');
});

test('somebody joins who must not be recorded: paused while they are there', async () => {
  bench = await openBench({ siprec: { exclude: ['^sip:lawyer@'] } });
  const { src } = await recording();
  const lawyer = { id: 'p9', uri: 'sip:lawyer@example.com', sends: 't2' };
  await src.request('UPDATE', { body: metadataBody(metadataText([ann, lawyer], ['1', '2'])) });
  expect(bench.media.lastFork.pauses).toEqual([true]);
  await src.request('UPDATE', { body: metadataBody(metadataText([ann, bob], ['1', '2'])) });
  expect(bench.media.lastFork.pauses).toEqual([true, false]);
  expect(notes()).toEqual(['paused siprec-exclude', 'resumed siprec-exclude']);
});

test('the house ends it: BYE to the client, and a reason', async () => {
  bench = await openBench({ sip: { maxDurationS: 0.2 } });
  const { src } = await recording();
  src.reply(await src.expect('BYE'), 200);
  expect(await bench.ended()).toEqual({ result: 'completed', reason: 'max-duration', sipStatus: null });
  await bench.server.whenIdle();
  expect((await src.request('UPDATE')).status).toBe(481);
});

test('no RTP, a lost worker, a stopped server: each ends with its own reason', async () => {
  bench = await openBench();
  for (const [kind, reason] of [
    ['timeout', 'rtp-timeout'],
    ['failed', 'media-failed'],
  ] as const) {
    const { src } = await recording();
    bench.media.trouble(bench.media.lastFork.callId, kind);
    src.reply(await src.expect('BYE'), 200);
    await expect
      .poll(() => bench.events.at(-1))
      .toMatchObject({ type: 'ended', termination: { result: 'failed', reason } });
  }
  const { src } = await recording();
  const closing = bench.server.hangUpAll('server-shutdown');
  src.reply(await src.expect('BYE'), 200);
  await closing;
  expect(bench.events.at(-1)).toMatchObject({ termination: { result: 'completed', reason: 'server-shutdown' } });
});

test('CANCEL before the answer, and a 200 that is never acknowledged', async () => {
  bench = await openBench({}, { t1Ms: 20 });
  const slow = bench.media.openFork.bind(bench.media);
  let go = (): void => undefined;
  bench.media.openFork = async (request) => {
    await new Promise<void>((resolve) => {
      go = resolve;
    });
    return slow(request);
  };
  const cancelled = await client();
  const final = cancelled.invite({ headers: siprecHeaders, body: plainRecording() });
  await cancelled.expect((message) => message.status === 100);
  await expect.poll(() => bench.events.length).toBe(1);
  cancelled.cancel();
  expect((await final).status).toBe(487);
  go();
  await expect
    .poll(() => bench.events.at(-1))
    .toMatchObject({ termination: { result: 'cancelled', reason: 'caller-cancelled' } });
  bench.media.openFork = async (request) => {
    const fork = await slow(request);
    const add = fork.addRtp.bind(fork);
    fork.addRtp = async (side) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return add(side);
    };
    return fork;
  };
  const later = await client();
  const refused = later.invite({ headers: siprecHeaders, body: plainRecording() });
  await expect.poll(() => bench.media.forks.length).toBe(2);
  later.cancel();
  expect((await refused).status).toBe(487);
  await expect.poll(() => bench.server.activeCalls).toBe(0);
  go();
  bench.media.openFork = slow;
  const silent = await client();
  await silent.invite({ headers: siprecHeaders, body: plainRecording() });
  silent.reply(await silent.expect('BYE'), 200);
  await expect.poll(() => bench.events.at(-1)).toMatchObject({ termination: { reason: 'no-ack' } });
});

test('OPTIONS in and outside the dialog; methods that a recorder has no use for', async () => {
  bench = await openBench();
  const { src } = await recording();
  const options = await src.request('OPTIONS');
  expect(options.header('Accept')).toContain('application/rs-metadata+xml');
  expect(options.header('Supported')).toContain('siprec');
  expect((await src.request('REFER')).status).toBe(405);
  expect((await src.request('UPDATE', { headers: ['Require: telepathy'] })).status).toBe(420);
  expect((await src.request('UPDATE', { body: { contentType: 'text/plain', body: 'hello' } })).status).toBe(415);
  expect((await src.request('INVITE', { body: sdpBody(recordingOffer([{ formats: '18' }])) })).status).toBe(488);
  expect(bench.server.activeCalls).toBe(1);
});

test('session timers: kept with a client that knows them, not forced on one that does not', async () => {
  bench = await openBench();
  const { ok } = await recording({
    headers: [...siprecHeaders, 'Supported: timer', 'Session-Expires: 1800;refresher=uac'],
    body: plainRecording(),
  });
  expect(ok.header('Session-Expires')).toBe('1800;refresher=uac');
  expect((await recording()).ok.header('Session-Expires')).toBe('');
  const short = await (
    await client()
  ).invite({ headers: ['Supported: timer', 'Session-Expires: 60'], body: plainRecording() });
  expect([short.status, short.header('Min-SE')]).toEqual([422, '90']);
});

const sdpOnly = (text: string): ClientInvite => ({ headers: siprecHeaders, body: sdpBody(text) });
test.each<[number, string, ClientInvite, Record<string, unknown>, string, RegExp]>([
  [400, 'a description that cannot be read', sdpOnly('v=1\r\nnothing'), {}, 'Warning', /cannot be read/],
  [
    400,
    'a boundary that is not there',
    { body: { contentType: 'multipart/mixed;boundary=x', body: 'nothing' }, headers: siprecHeaders },
    {},
    'Warning',
    /boundary/,
  ],
  [
    400,
    'entities',
    { headers: siprecHeaders, body: bothBodies(recordingOffer(), '<!DOCTYPE a [<!ENTITY b "c">]><recording/>') },
    {},
    'Warning',
    /DOCTYPE/,
  ],
  [
    415,
    'a body of another kind',
    { headers: siprecHeaders, body: { contentType: 'application/json', body: '{}' } },
    {},
    'Accept',
    /rs-metadata\+xml/,
  ],
  [
    420,
    'an extension that nobody knows',
    { headers: ['Require: siprec, telepathy'], body: plainRecording() },
    {},
    'Unsupported',
    /^telepathy$/,
  ],
  [
    421,
    'the extension not named where policy wants it',
    { body: plainRecording() },
    { siprec: { requireExtension: true } },
    'Require',
    /^siprec$/,
  ],
  [
    486,
    'full, where the client is to be told so',
    { headers: siprecHeaders, body: plainRecording() },
    { siprec: { fullStatus: 486 }, intake: { maxCalls: 1 } },
    'Warning',
    /maxCalls/,
  ],
  [
    488,
    'G.729 alone',
    sdpOnly(recordingOffer([{ formats: '18' }])),
    {},
    'Warning',
    /^305 sidetone "offer PCMU or PCMA \(G\.711\); offered were telephone-event G729"$/,
  ],
  [488, 'SRTP alone', sdpOnly(recordingOffer().replaceAll('RTP/AVP', 'RTP/SAVP')), {}, 'Warning', /RTP\/AVP/],
  [
    503,
    'full',
    { headers: siprecHeaders, body: plainRecording() },
    { intake: { maxCalls: 1 } },
    'Retry-After',
    /^\d+$/,
  ],
  [
    603,
    'a participant who is not recorded',
    { headers: siprecHeaders, body: plainRecording() },
    { siprec: { exclude: ['^sip:bob@'] } },
    'Warning',
    /siprec\.exclude/,
  ],
])('%i: %s', async (status, _what, invite, config, header, value) => {
  bench = await openBench(config);
  if (status === 486 || status === 503) await recording();
  const calls = bench.server.activeCalls;
  const refusal = await (await client()).invite(invite);
  expect(refusal.status).toBe(status);
  expect(refusal.header(header)).toMatch(value);
  expect(bench.server.activeCalls).toBe(calls);
});

test('draining: 503 with Retry-After at once, and what is recorded goes on', async () => {
  bench = await openBench();
  const { src } = await recording();
  bench.server.drain();
  const refusal = await (await client()).invite({ headers: siprecHeaders, body: plainRecording() });
  expect([refusal.status, refusal.header('Retry-After')]).toEqual([503, '30']);
  await expect(
    bench.server.intake.begin({ source: 'websocket', sourceName: 'x', sipCallIds: [], parties: [], headers: {} }),
  ).rejects.toMatchObject({ code: 'server-draining' });
  expect((await src.request('UPDATE')).status).toBe(200);
  await src.request('BYE');
  await bench.server.whenIdle();
});

test('no RTP ports: 503 with Retry-After, and the call that was announced has its end', async () => {
  bench = await openBench();
  bench.media.streamLimit = 1;
  const refusal = await (await client()).invite({ headers: siprecHeaders, body: plainRecording() });
  expect([refusal.status, refusal.header('Retry-After')]).toEqual([503, '10']);
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'ports-exhausted', sipStatus: 503 });
  await expect.poll(() => bench.media.lastFork.closed).toBe(true);
});

test('who may record: a stranger is challenged, and no recording comes of it', async () => {
  bench = await openBench({ sip: { digest: { users: [{ name: 'sbc', password: 'secret' }] } } });
  const refusal = await (await client()).invite({ headers: siprecHeaders, body: plainRecording() });
  expect(refusal.status).toBe(401);
  expect(bench.events).toEqual([]);
});

test('an ordinary call is none of the recorder’s business', async () => {
  bench = await openBench();
  const phone = await client();
  phone.sendInvite({ contactParameters: '', body: sdpBody(recordingOffer([{ direction: 'sendrecv' }])) });
  bench.callee.reply(await bench.callee.expect('INVITE'), 486);
  expect((await phone.expect((message) => message.status >= 200)).status).toBe(486);
  expect(bench.events[0]).toMatchObject({ type: 'ringing', source: 'b2bua' });
});
