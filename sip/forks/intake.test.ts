import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#lib/clock.ts';
import { configSchema } from '#lib/config/schema.ts';
import { createLogger, silentLogger } from '#lib/log.ts';
import { createMetrics, type Metrics } from '#lib/metrics.ts';
import { SmallMediaGateway } from '../testing/media-gateway.ts';
import type { CallEvent, TerminationReason } from '../types.ts';
import { Forks } from './intake.ts';

let media: SmallMediaGateway;
let forks: Forks;
let events: CallEvent[];
let metrics: Metrics;

function open(config: Record<string, unknown> = {}, logger = silentLogger): void {
  media = new SmallMediaGateway();
  metrics = createMetrics();
  events = [];
  forks = new Forks({
    config: configSchema.parse(config),
    media,
    clock: systemClock,
    logger,
    metrics,
    emit: (event) => events.push(event),
  });
}
afterEach(async () => {
  await forks.hangUpAll('server-shutdown', 100);
  forks.close();
  await media.close();
});

const call = { source: 'siprec', sourceName: 'sbc', sipCallIds: ['a'], parties: [], headers: {} } as const;
const types = (): string[] => events.map(({ type }) => type);
const ended = (): { result: string; reason: string; sipStatus: number | null } | undefined =>
  events.flatMap((event) => (event.type === 'ended' ? [event.termination] : []))[0];

test('a copied call has its events in order, its fork closed and its numbers counted', async () => {
  open();
  const begun = await forks.begin({ ...call, record: 'all' });
  expect(forks.size).toBe(1);
  expect(media.lastFork).toMatchObject({ callId: begun.callId, record: 'all' });
  begun.answered();
  begun.answered();
  begun.leg('b');
  begun.pause(true, 'ann');
  begun.pause(true, 'bob');
  begun.pause(false, 'bob');
  await begun.end('sender-ended');
  await begun.end('sender-lost');
  begun.note('late', 'too late');
  expect(types()).toEqual(['ringing', 'answered', 'leg', 'note', 'note', 'ended']);
  expect(events.flatMap((event) => (event.type === 'note' ? [[event.note, event.detail]] : []))).toEqual([
    ['paused', 'ann'],
    ['resumed', 'bob'],
  ]);
  expect(media.lastFork.pauses).toEqual([true, false]);
  expect(ended()).toEqual({ result: 'completed', reason: 'sender-ended', sipStatus: null });
  expect(media.lastFork.closed).toBe(true);
  await forks.whenIdle();
  const text = await metrics.render();
  expect(text).toContain(
    'sidetone_intake_calls_ended_total{source="siprec",result="completed",reason="sender-ended"} 1',
  );
  expect(text).toContain('sidetone_intake_calls_active{source="siprec"} 0');
});

test('drained, nothing begins; full, nothing more begins; both are counted and neither makes a call', async () => {
  open({ intake: { maxCalls: 1 } });
  const first = await forks.begin(call);
  await expect(forks.begin(call)).rejects.toMatchObject({ code: 'at-capacity' });
  await first.end('sender-ended');
  await (await forks.begin(call)).end('sender-ended');
  forks.drain();
  await expect(forks.begin(call)).rejects.toMatchObject({ code: 'server-draining' });
  expect(types().filter((type) => type === 'ringing')).toHaveLength(2);
  expect(await metrics.render()).toContain('sidetone_intake_refusals_total{source="siprec",reason="at-capacity"} 1');
});

test('a fork that cannot be opened ends the call that was announced', async () => {
  open();
  media.openFork = () => Promise.reject(new Error('no worker'));
  await expect(forks.begin(call)).rejects.toThrow('no worker');
  expect(types()).toEqual(['ringing', 'ended']);
  expect(ended()).toMatchObject({ result: 'failed', reason: 'media-failed' });
  await forks.whenIdle();
});

test('trouble of media: silence ends a call that is up, a lost worker any', async () => {
  open();
  const wanted: TerminationReason[] = [];
  const begun = await forks.begin(call);
  begun.onEndWanted((reason) => wanted.push(reason));
  media.trouble(begun.callId, 'timeout');
  expect(wanted).toEqual([]);
  begun.answered();
  media.trouble('another', 'failed');
  media.trouble(begun.callId, 'timeout');
  media.trouble(begun.callId, 'failed');
  expect(wanted).toEqual(['rtp-timeout']);
  await begun.end('rtp-timeout');
  expect(ended()).toMatchObject({ result: 'failed', reason: 'rtp-timeout' });
});

test('the longest duration is wanted over; a sender that throws, and one that never listened, do not keep a call', async () => {
  open({ sip: { maxDurationS: 0.05 } });
  const begun = await forks.begin(call);
  begun.onEndWanted(() => {
    throw new Error('the sender is a mess');
  });
  begun.answered();
  (await forks.begin(call)).answered();
  await forks.whenIdle();
  expect(events.flatMap((event) => (event.type === 'ended' ? [event.termination.reason] : []))).toEqual([
    'max-duration',
    'max-duration',
  ]);
});

test('hanging up asks the senders and ends what is left after the limit', async () => {
  open();
  const asked: TerminationReason[] = [];
  const willing = await forks.begin(call);
  willing.onEndWanted((reason) => {
    asked.push(reason);
    void willing.end(reason);
  });
  const deaf = await forks.begin(call);
  deaf.onEndWanted((reason) => asked.push(reason));
  await forks.hangUpAll('server-shutdown', 20);
  expect(asked).toEqual(['server-shutdown', 'server-shutdown']);
  expect(forks.size).toBe(0);
  await expect(forks.begin(call)).rejects.toMatchObject({ code: 'server-draining' });
});

test('a recorded call has the times that its file says', async () => {
  open();
  const begun = await forks.begin({ ...call, source: 'ingest', fileEpochMs: 1000 });
  begun.answered(1500);
  await begun.end('file-ended', 9000);
  expect(events.map(({ atEpochMs }) => atEpochMs)).toEqual([1000, 1500, 9000]);
});

test('each copy that begins is one line of the log, whichever way it comes', async () => {
  const lines: Record<string, unknown>[] = [];
  const sink = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  open({}, createLogger('info', 'test', sink));
  const begun = await forks.begin(call);
  const other = await forks.begin({ ...call, source: 'audiosocket', sourceName: 'pbx' });
  const msg = 'copy of a call began';
  expect(lines).toMatchObject([
    { callId: begun.callId, source: 'sbc', kind: 'siprec', msg },
    { callId: other.callId, source: 'pbx', kind: 'audiosocket', msg },
  ]);
});

test('who comes to listen after the house has ended the call is told so', async () => {
  open();
  const begun = await forks.begin(call);
  await forks.hangUpAll('server-shutdown', 20);
  const told: TerminationReason[] = [];
  begun.onEndWanted((reason) => told.push(reason));
  expect(told).toEqual(['server-shutdown']);
});
