import { randomUUID } from 'node:crypto';
import { fork, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configSchema } from '#lib/config/schema.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import type { MediaCall } from '#sip/types.ts';
import { talkingLeg } from '#test/leg-settings.ts';
import { startMediaServer } from '../media/server.ts';
import { msToSamples } from '../media/types.ts';
import type { PeerReport, PeerTask } from './media-peers.ts';

const markBehindMs = 3000;
const markEveryMs = 500;
const markTickMs = 5;

/**
 * Relay, fork and decode against a bare dgram relay, in one run: received packets per CPU-second of this process, whose
 * main thread does nothing meanwhile, and the delay that the relay adds: with recognition off, and while every process of
 * it works all the time. The phones are another process.
 *
 *     node bench/media-relay.ts [--calls 200] [--seconds 10] [--ports 30000-33999]
 */
const options = readOptions(process.argv.slice(2));
const { calls, seconds, ports } = options;
const peers = fork(fileURLToPath(new URL('./media-peers.ts', import.meta.url)), {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
const dataDir = await mkdtemp(join(tmpdir(), 'sidetone-bench-'));
try {
  const bare = await measureBare();
  const media = await measureMedia();
  const delay = await measureMedia({ paced: true });
  const bareDelay = await measureBare({ paced: true });
  const recogniser = fork(fileURLToPath(new URL('./busy-recogniser.ts', import.meta.url)));
  await once(recogniser, 'message');
  const busy = await measureMedia({ paced: true });
  const bareBusy = await measureBare({ paced: true });
  recogniser.disconnect();
  const result = {
    calls,
    packetsPerCpuSecond: media.packetsPerCpuSecond,
    bareEchoPacketsPerCpuSecond: bare.packetsPerCpuSecond,
    ratio: Number((media.packetsPerCpuSecond / bare.packetsPerCpuSecond).toFixed(3)),
    delayP50Ms: delay.report.delayP50Ms,
    delayP99Ms: delay.report.delayP99Ms,
    bareDelayP50Ms: bareDelay.report.delayP50Ms,
    bareDelayP99Ms: bareDelay.report.delayP99Ms,
    busyDelayP50Ms: busy.report.delayP50Ms,
    busyDelayP99Ms: busy.report.delayP99Ms,
    bareBusyDelayP50Ms: bareBusy.report.delayP50Ms,
    bareBusyDelayP99Ms: bareBusy.report.delayP99Ms,
    pacedLost: delay.report.sent - delay.report.received,
    pacedPacketsPerCpuSecond: delay.packetsPerCpuSecond,
    barePacedPacketsPerCpuSecond: bareDelay.packetsPerCpuSecond,
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  peers.kill();
  await rm(dataDir, { recursive: true, force: true });
}

interface Measured {
  readonly packetsPerCpuSecond: number;
  readonly report: PeerReport;
}

/** One datagram in, the same out to the other leg: what any relay in Node must at least do. */
async function measureBare({ paced = false } = {}): Promise<Measured> {
  const sockets: Socket[] = [];
  const phones: Socket[] = [];
  let received = 0;
  const callPorts: number[][] = [];
  const far = new Map<Socket, number>();
  for (let call = 0; call < calls; call++) {
    const pair = [await bound(), await bound()] as const;
    pair.forEach((socket, index) => {
      const other = pair[1 - index] as Socket;
      socket.on('message', (bytes, from) => {
        received++;
        far.set(socket, from.port);
        const port = far.get(other);
        if (port !== undefined) other.send(bytes, port, '127.0.0.1');
      });
    });
    sockets.push(...pair);
    callPorts.push(pair.map((socket) => socket.address().port));
  }
  const measured = await load(callPorts, paced, () => received);
  for (const socket of [...sockets, ...phones]) socket.close();
  return measured;
}

async function measureMedia({ paced = false } = {}): Promise<Measured> {
  const config = configSchema.parse({ dataDir, rtp: { ports, quarantineS: 0 }, asr: { processes: 0 } });
  const media = await startMediaServer({ config, logger: silentLogger, metrics: createMetrics() });
  let received = 0;
  media.subscribe((event) => {
    if (event.type === 'media-ended') for (const { packets } of Object.values(event.streams)) received += packets;
  });
  const open: MediaCall[] = [];
  for (let call = 0; call < calls; call++) {
    const opened = await media.open({ callId: `bench-${randomUUID()}`, record: 'redacted-only' });
    opened.update('caller', talkingLeg(9));
    opened.update('callee', talkingLeg(9));
    open.push(opened);
  }
  // As in calls that are heard: the mark follows what is said three seconds behind, and audio leaves the memory.
  const startMs = performance.now();
  let next = 0;
  const mark = setInterval(() => {
    const sample = msToSamples(Math.max(0, performance.now() - startMs - markBehindMs));
    for (let count = Math.ceil((open.length * markTickMs) / markEveryMs); count > 0; count--) {
      const call = open[next++ % open.length];
      if (call !== undefined) media.release(call.callId, sample, [], []);
    }
  }, markTickMs);
  const measured = await load(
    open.map(({ ports: { caller, callee } }) => [caller.rtpPort, callee.rtpPort]),
    paced,
    undefined,
  );
  clearInterval(mark);
  await media.close();
  return measured;
}

/** Runs the phones against the ports; CPU is this process's, packets are counted by the phones or by `count`. */
async function load(callPorts: number[][], paced: boolean, count: (() => number) | undefined): Promise<Measured> {
  const task: PeerTask = { callPorts, seconds, paced };
  const reported = nextMessage(peers);
  peers.send(task);
  await reported;
  const done = nextMessage(peers);
  const cpuBefore = process.cpuUsage();
  const before = count?.() ?? 0;
  const report = await done;
  const cpu = process.cpuUsage(cpuBefore);
  const packets = count === undefined ? report.received : count() - before;
  return { packetsPerCpuSecond: Math.round(packets / ((cpu.user + cpu.system) / 1e6)), report };
}

function nextMessage(child: ChildProcess): Promise<PeerReport> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as PeerReport)));
}

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (address, _, done) => done(null, address, 4) });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

function readOptions(args: readonly string[]): { calls: number; seconds: number; ports: string } {
  const value = (name: string, fallback: string): string => args[args.indexOf(name) + 1 || args.length] ?? fallback;
  return {
    calls: Number(value('--calls', '200')),
    seconds: Number(value('--seconds', '10')),
    ports: value('--ports', '30000-33999'),
  };
}
