import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { startSipEngine } from './engine/engine.ts';
import { plainRecording, siprecHeaders } from './siprec/testing/bodies.ts';
import { RecordingClient } from './siprec/testing/recording-client.ts';
import { establish, openBench, type Bench } from './testing/bench.ts';
import { newToken, sdp } from './testing/raw-ua.ts';
import type { SourceState } from './types.ts';

let bench: Bench;
afterEach(() => bench.close());

const only = (): SourceState => {
  const [source, ...others] = bench.server.sources.list();
  if (source === undefined || others.length > 0) throw new Error(`${others.length + 1} sources`);
  return source;
};
const ladder = (): string[] => only().ladder.map(({ direction, summary }) => `${direction} ${summary}`);

test('a call put through: its trunk, and what went over the wire on both legs, without numbers and names', async () => {
  bench = await openBench({ trunks: [{ name: 'carrier', match: ['127.0.0.1'] }] });
  const call = await establish(bench, { user: '5550123456', offer: sdp().replace('o=ua', 'o=ann') });
  expect(only()).toMatchObject({
    source: 'b2bua',
    sourceName: 'carrier',
    addresses: [`127.0.0.1:${bench.caller.port}`],
    callsNow: 1,
    calls: 1,
    refused: [],
    lastCallId: bench.events[0]?.callId,
  });
  bench.callee.answerByes();
  bench.caller.inDialog(call.callerSide, 'BYE');
  await bench.caller.expect('200 BYE');
  await bench.ended();
  expect(only().callsNow).toBe(0);
  await expect.poll(ladder).toContain('received 200 Because');
  const shown = ladder();
  expect(shown.slice(0, 3)).toEqual(['received INVITE', 'sent 100 Trying', 'sent INVITE']);
  expect(shown).toEqual(expect.arrayContaining(['received 180 Because', 'sent 200 OK', 'sent ACK', 'received BYE']));
  const peers = only().ladder.map(({ peer, transport }) => `${transport} ${peer}`);
  expect(new Set(peers)).toEqual(new Set([`udp 127.0.0.1:${bench.caller.port}`, `udp 127.0.0.1:${bench.callee.port}`]));
  const text = only()
    .ladder.map((message) => message.text)
    .join('\n');
  expect(text).toContain('From: "***" <sip:***@example.org>;tag=');
  expect(text).toContain('m=audio 40000 RTP/AVP 0 8 101');
  for (const secret of ['5550123456', 'Ann', 'o=ann', '100@']) expect(text).not.toContain(secret);
});

test.each(['udp', 'tcp'] as const)('a recorder client over %s, with its metadata', async (transport) => {
  bench = await openBench({ trunks: [{ name: 'sbc', match: ['127.0.0.1'] }] });
  const port = bench.server.bindings.find((each) => each.transport === transport)?.port ?? 0;
  const src = await RecordingClient.open(port, transport);
  await src.invite({ headers: siprecHeaders, body: plainRecording() });
  src.ack();
  await expect.poll(ladder).toContain('received ACK');
  expect(only()).toMatchObject({ source: 'siprec', sourceName: 'sbc', callsNow: 1 });
  expect(ladder()).toEqual(['received INVITE', 'sent 100 Trying', 'sent 200 OK', 'received ACK']);
  const [invite] = only().ladder;
  expect(invite?.text).toContain('<label>1</label>');
  expect(invite?.text).toContain('<nameID aor="sip:***@example.com"/>');
  src.answerByes();
  await bench.server.hangUpAll('server-shutdown');
  await src.close();
});

test('what is refused is there with its reason, its remedy and its messages', async () => {
  bench = await openBench({ routes: [{ match: '^2', to: 'sip:$0@127.0.0.1:CALLEE' }] });
  const { caller, port } = bench;
  const refused = async (options: Partial<Parameters<typeof caller.invite>[0]>, status: number): Promise<void> => {
    const invite = caller.invite({ port, body: sdp(), ...options });
    caller.ack(invite, await caller.expect(`${status} INVITE`));
  };
  await refused({ user: '300' }, 404);
  await refused({ user: '300' }, 404);
  await refused({ body: sdp({ media: ['m=audio 4000 RTP/AVP 18'] }) }, 488);
  await expect.poll(() => ladder()).toContain('received ACK');
  expect(ladder()).toEqual(['received INVITE', 'sent 100 Trying', 'sent 488 Not Acceptable Here', 'received ACK']);
  expect(only()).toMatchObject({ source: 'b2bua', sourceName: '127.0.0.1', calls: 0, lastCallId: null });
  expect(only().refused).toMatchObject([
    { reason: 'sdp-no-common-codec', count: 1, remedy: 'offer PCMU or PCMA (G.711)' },
    { reason: 'no-route', count: 2 },
  ]);
  await refused({ headers: ['Require: siprec', 'Content-Encoding: gzip'] }, 415);
  const siprec = bench.server.sources.list().find(({ source }) => source === 'siprec');
  expect(siprec?.refused).toMatchObject([{ reason: 'content-encoding', count: 1 }]);
});

test('an INVITE that cannot be read, and a stranger, are to be found too', async () => {
  bench = await openBench({ sip: { allow: ['192.0.2.0/24'] } });
  const { caller, port } = bench;
  const lines = [
    'INVITE sip:200@127.0.0.1 SIP/2.0',
    caller.via(),
    'Max-Forwards: 70',
    `From: <sip:a@b>;tag=${newToken()}`,
    'To: <sip:200@b>',
    `Call-ID: ${newToken()}`,
    'CSeq: none INVITE',
    'Content-Length: 0',
  ];
  caller.sendText(`${lines.join('\r\n')}\r\n\r\n`, port);
  await caller.expect((message) => message.status === 400);
  expect(only().refused).toMatchObject([{ reason: 'malformed-cseq' }]);
  expect(ladder()).toEqual(['received INVITE', 'sent 400 Bad CSeq']);
  caller.invite({ port, body: sdp() });
  await caller.expect('403 INVITE');
  expect(only().refused[0]).toMatchObject({ reason: 'source-not-allowed', count: 1 });
});

test('with an engine in another process it is what srf gives', async () => {
  const quiet = { logger: silentLogger, metrics: createMetrics() };
  const engine = await startSipEngine({ host: '127.0.0.1', port: 0, transports: ['udp'], ...quiet });
  const { host, port, secret } = engine.control;
  bench = await openBench({ drachtio: `${host}:${port}:${secret}` });
  const call = await establish({ ...bench, port: engine.bindings[0]?.port ?? 0 });
  bench.callee.answerByes();
  bench.caller.inDialog(call.callerSide, 'BYE');
  await bench.caller.expect('200 BYE');
  await bench.ended();
  await expect.poll(ladder).toContain('received 200 Because');
  const steps = [
    'received INVITE',
    'sent INVITE',
    'received 180 Because',
    'sent 180 Because',
    'received ACK',
    'sent 200 OK',
  ];
  expect(ladder()).toEqual(expect.arrayContaining(steps));
  expect(only().ladder.find(({ summary }) => summary === 'INVITE')?.peer).toBe(`127.0.0.1:${bench.caller.port}`);
  await bench.server.close();
  await engine.close();
});

test('an ordinary call by a recorder’s trunk is recorded, and its source told of; a client’s own copies are not', async () => {
  bench = await openBench({ trunks: [{ name: 'sbc', match: ['127.0.0.1'], recorder: true }] });
  const src = await RecordingClient.open(bench.port, 'udp');
  await src.invite({ headers: siprecHeaders, body: plainRecording() });
  src.ack();
  await expect.poll(() => only().lastCallId).not.toBeNull();
  expect(only().remarks).toEqual([]);
  bench.caller.invite({ port: bench.port, body: sdp() });
  await bench.caller.expect('200 INVITE');
  await expect.poll(() => only().remarks).toHaveLength(1);
  expect(only().remarks).toMatchObject([{ reason: 'taken-as-copy', count: 1 }]);
  expect(only().remarks[0]?.remedy).toContain('siprec.users');
  const notes = bench.events.flatMap((event) => (event.type === 'note' ? [event] : []));
  expect(notes.map(({ note, detail }) => `${note} ${detail}`)).toEqual([
    'metadata-missing plain',
    'taken-as-copy recorder-trunk',
  ]);
  expect(only().remarks[0]?.lastCallId).toBe(notes[0]?.callId);
  src.answerByes();
  bench.caller.answerByes();
  await bench.server.hangUpAll('server-shutdown');
  await src.close();
});
