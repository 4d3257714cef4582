/**
 * SIPREC sessions on one core: receiving, decoding and recording without recognition. Clients written from the RFC open
 * sessions of two streams at a whole server, another process sends 50 packets a second to each; CPU time is that of the
 * server's processes by /proc, and what was lost is what the stored reports of the calls say. Beside it the same load on a
 * bare dgram receiver. Prints JSON.
 *
 *     node bench/siprec.ts [--sessions 100,250,500] [--seconds 20] [--ports 30000-35999] [--record all]
 */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Call } from '#analytics/types.ts';
import { plainRecording, siprecHeaders } from '../sip/siprec/testing/bodies.ts';
import { portsOf, RecordingClient } from '../sip/siprec/testing/recording-client.ts';
import { TestServer, waitFor } from '../test/server.ts';
import { childrenOf, cpuMs } from './process-cpu.ts';
import type { SendReport, SendTask } from './rtp-senders.ts';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100,250,500' },
    seconds: { type: 'string', default: '20' },
    ports: { type: 'string', default: '30000-35999' },
    record: { type: 'string', default: 'all' },
  },
});
const seconds = Number(values.seconds);
const warmupS = 3;
/** Sessions that begin and end at once. */
const openAtOnce = 10;
const packetSamples = 160;

interface Session {
  readonly client: RecordingClient;
  readonly callId: string;
  readonly ports: readonly number[];
}
interface Load {
  readonly wallS: number;
  readonly packetsEach: number;
  readonly latestMs: number;
}

const senders = childOf('./rtp-senders.ts');
const runs: object[] = [];
try {
  for (const sessions of values.sessions.split(',').map(Number)) {
    const ours = await measureServer(sessions);
    const bare = await measureBare(2 * sessions);
    runs.push({ sessions, streams: 2 * sessions, ...ours, bareCores: bare, ratio: rounded(ours.cores / bare) });
    process.stderr.write(`${JSON.stringify(runs.at(-1))}\n`);
  }
} finally {
  senders.kill();
}
process.stdout.write(`${JSON.stringify({ bench: 'siprec', seconds, record: values.record, runs }, null, 2)}\n`);
process.exit(0);

async function measureServer(count: number) {
  const server = await TestServer.start({
    environment: {
      SIDETONE_ASR_PROCESSES: '0',
      SIDETONE_RTP_PORTS: values.ports,
      SIDETONE_RTP_QUARANTINE_S: '0',
      SIDETONE_RECORD: values.record,
      SIDETONE_LOG_LEVEL: 'info',
    },
  });
  try {
    await server.ready();
    const sessions = await openSessions(server, count);
    let [before, childrenBefore] = [0, 0];
    const load = await send(
      sessions.flatMap(({ ports }) => ports),
      () => {
        before = cpuMs(server.pid);
        childrenBefore = childrenCpuMs(server.pid);
      },
    );
    const cores = (cpuMs(server.pid) - before) / 1000 / load.wallS;
    const childrenCores = (childrenCpuMs(server.pid) - childrenBefore) / 1000 / load.wallS;
    await sleep(500);
    await closeSessions(sessions);
    const received = await addReports(server, sessions);
    return {
      cores: rounded(cores),
      childrenCores: rounded(childrenCores),
      packetsSent: load.packetsEach * 2 * count,
      sentLateMs: Math.round(load.latestMs),
      ...received,
    };
  } finally {
    await server.close();
  }
}

async function openSessions(server: TestServer, count: number): Promise<readonly Session[]> {
  const sipPort = Number(server.sip.split(':')[1]);
  const sessions: Session[] = [];
  const openOne = async (): Promise<void> => {
    const client = await RecordingClient.open(sipPort);
    const answer = await client.invite({ headers: siprecHeaders, body: plainRecording() });
    if (answer.status !== 200) throw new Error(`refused with ${answer.status} after ${sessions.length} sessions`);
    client.ack();
    sessions.push({ client, callId: answer.header('X-Sidetone-Call-Id'), ports: portsOf(answer.body) });
  };
  for (let opened = 0; opened < count; opened += openAtOnce)
    await Promise.all(Array.from({ length: Math.min(openAtOnce, count - opened) }, openOne));
  return sessions;
}

async function closeSessions(sessions: readonly Session[]): Promise<void> {
  for (let closed = 0; closed < sessions.length; closed += openAtOnce)
    await Promise.all(
      sessions.slice(closed, closed + openAtOnce).map(async ({ client }) => {
        await client.request('BYE');
        await client.close();
      }),
    );
}

/** What the calls say of their streams, added up, once all are stored. */
async function addReports(server: TestServer, sessions: readonly Session[]) {
  const sums = { packets: 0, lostPackets: 0, latePackets: 0, filledSamples: 0, droppedSamples: 0, gaps: 0 };
  let filledWithin = 0;
  const verdicts: Record<string, number> = {};
  for (const { callId } of sessions) {
    const call = await waitFor(
      'the call to be stored',
      async () => {
        const answer = await server.json<Call & { readonly live: boolean }>(`/api/v1/calls/${callId}`);
        return answer.state === 'ended' && !answer.live ? answer : undefined;
      },
      120_000,
    );
    const verdict = call.assurance === null ? call.completeness : `${call.completeness} ${call.assurance.reason}`;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    for (const report of Object.values(call.streams ?? {})) {
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += report[name];
      filledWithin += (report.endSample ?? 0) - (report.firstSample ?? 0) - report.packets * packetSamples;
    }
  }
  // Of `filledSamples`, most is the silence after the last packet, until the session's turn to say goodbye comes.
  return { ...sums, filledBetweenFirstAndLastPacket: filledWithin, verdicts };
}

/** @returns cores that the receiver of as many streams takes */
async function measureBare(streams: number): Promise<number> {
  const receiver = childOf('./bare-receiver.ts');
  try {
    receiver.send({ open: streams });
    const { ports } = await nextMessage<{ readonly ports: readonly number[] }>(receiver);
    const pid = receiver.pid ?? 0;
    let before = 0;
    const load = await send(ports, () => (before = cpuMs(pid)));
    return rounded((cpuMs(pid) - before) / 1000 / load.wallS);
  } finally {
    receiver.kill();
  }
}

/** Sends to all ports; `warm` is called when the warm-up is over and the time that counts begins. */
async function send(ports: readonly number[], warm: () => void): Promise<Load> {
  senders.send({ ports, warmupS, seconds } satisfies SendTask);
  await nextMessage<SendReport>(senders);
  const startMs = performance.now();
  warm();
  const { packetsEach, latestMs } = await nextMessage<SendReport>(senders);
  return { wallS: (performance.now() - startMs) / 1000, packetsEach, latestMs };
}

function childrenCpuMs(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + cpuMs(child), 0);
}

function childOf(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as Message)));
}

function rounded(figure: number): number {
  return Number(figure.toFixed(3));
}
