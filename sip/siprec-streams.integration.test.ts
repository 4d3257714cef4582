import { afterEach, expect, test } from 'vitest';
import {
  ann,
  bob,
  bothBodies,
  metadataText,
  plainRecording,
  recordingOffer,
  sdpBody,
  siprecHeaders,
} from './siprec/testing/bodies.ts';
import { portsOf } from './siprec/testing/recording-client.ts';
import { toneIn } from './siprec/testing/tone.ts';
import { vendorBodies } from './siprec/testing/vendor-bodies.ts';
import { RecorderBench, directions } from './siprec/testing/recorder-bench.ts';

const recorder = new RecorderBench();
afterEach(() => recorder.close());

test.each(['udp', 'tcp'] as const)(
  'a recording by %s: answered, heard on the right sides, ended',
  async (transport) => {
    const bench = await recorder.open();
    const src = await recorder.client(transport);
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
    expect(recorder.who()).toEqual([
      ['caller', ann.uri, 'here'],
      ['callee', bob.uri, 'here'],
    ]);
  },
);

test.each(vendorBodies)(
  '$vendor: every line answered in its place, every stream on its side',
  async ({ contentType, body, streams }) => {
    const bench = await recorder.open();
    const { src, ok } = await recorder.recording({ headers: ['Supported: siprec'], body: { contentType, body } });
    const ports = portsOf(ok.body);
    expect(ports).toEqual(streams.map(({ side }) => bench.media.lastFork.stream(side).ports.rtpPort));
    const frequencies = [500, 1100, 1700];
    await Promise.all(ports.map((port, index) => src.sendTone(port, frequencies[index] ?? 0)));
    for (const [index, { side }] of streams.entries()) {
      const stream = bench.media.lastFork.stream(side);
      await expect.poll(() => stream.payloads.length).toBe(25);
      expect(toneIn(Buffer.concat(stream.payloads), frequencies)).toBe(frequencies[index]);
    }
    expect(recorder.parties().map(({ side, uri }) => ({ side, uri }))).toEqual(
      expect.arrayContaining(streams.flatMap(({ side, uris }) => uris.map((uri) => ({ side, uri })))),
    );
  },
);

test('names in any script and any language, and a body whose bytes are more than its characters', async () => {
  await recorder.open();
  const named = metadataText([ann, bob], ['1', '2'])
    .replace(`aor="${ann.uri}"/>`, `aor="${ann.uri}"><name xml:lang="sk">Žofia Ťahaľová</name></nameID>`)
    .replace(
      `aor="${bob.uri}"/>`,
      `aor="${bob.uri}"><name xml:lang="zh"> </name><name>王小明 &#x1F4DE;</name></nameID>`,
    );
  await recorder.recording({ headers: siprecHeaders, body: bothBodies(recordingOffer(), `\uFEFF${named}`) });
  expect(recorder.parties().map(({ displayName }) => displayName)).toEqual(['Žofia Ťahaľová', '王小明 📞']);
});

test('all codecs that can be taken are answered, with telephone-event; lines that cannot be taken keep their place', async () => {
  const bench = await recorder.open();
  const offer = recordingOffer([{ label: '1', formats: '0 8 9 18 101 13' }, { label: '2' }])
    .replace(
      'm=audio 40002',
      'm=video 40010 RTP/AVP 99\r\na=label:v\r\nm=audio 0 RTP/AVP 0\r\na=label:z\r\nm=audio 40002',
    )
    .replace('a=sendonly', 'a=fmtp:101 0-16\r\na=ptime:30\r\na=rtcp-mux\r\na=sendonly');
  const { ok } = await recorder.recording({ headers: siprecHeaders, body: sdpBody(offer) });
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

test('a header of the INVITE says how the copy may be kept', async () => {
  const bench = await recorder.open({ sip: { recordHeader: 'X-Record' } });
  await recorder.recording({ headers: [...siprecHeaders, 'X-Record: none'], body: plainRecording() });
  expect(bench.media.lastFork.record).toBe('none');
});
