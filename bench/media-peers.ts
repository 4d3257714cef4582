import { createSocket, type Socket } from 'node:dgram';

/** What bench/media-relay.ts asks of its phones (a process of their own), and what they answer. */
export interface PeerTask {
  /** The two ports of each call to send to. */
  readonly callPorts: readonly (readonly number[])[];
  readonly seconds: number;
  /** 50 packets a second on each leg, timed; otherwise as many as the relay passes, without losing any on purpose. */
  readonly paced: boolean;
}
export interface PeerReport {
  readonly sent: number;
  readonly received: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
}

const ptimeMs = 20;
const rtpBytes = 172;
/** Unpaced: packets under way at once on a call. */
const windowPackets = 4;
/**
 * Code is compiled and sources are locked before anything is counted: a media thread is new in every run, and V8 goes on
 * compiling for it for some seconds; the bare relay has one thread for all runs.
 */
const warmupS = 5;
const localhost = '127.0.0.1';

interface Phone {
  readonly socket: Socket;
  readonly port: number;
  readonly packet: Buffer;
  sequence: number;
}

process.on('message', (task: PeerTask) => void run(task));

async function run({ callPorts, seconds, paced }: PeerTask): Promise<void> {
  const phones: Phone[] = [];
  const delays: number[] = [];
  let received = 0;
  let sent = 0;
  let running = false;
  const send = (phone: Phone): void => {
    phone.packet.writeUInt16BE(phone.sequence & 0xffff, 2);
    const nowMs = performance.now();
    /** Unpaced, packets come faster than sound does: several then lie on the same 20 ms, and all are decoded. */
    const frames = paced ? phone.sequence : Math.floor(nowMs / ptimeMs);
    phone.packet.writeUInt32BE((frames * 160) >>> 0, 4);
    phone.packet.writeDoubleBE(nowMs, 12);
    phone.sequence++;
    sent++;
    phone.socket.send(phone.packet, phone.port, localhost);
  };
  for (const [index, ports] of callPorts.entries()) {
    const pair: Phone[] = [];
    for (const [side, port] of ports.entries()) {
      const phone = { socket: await bound(), port, packet: speechPacket(2 * index + side), sequence: 0 };
      pair.push(phone);
      phone.socket.on('message', (bytes) => {
        received++;
        if (paced) delays.push(performance.now() - bytes.readDoubleBE(12));
        else if (running) send(phone);
      });
    }
    phones.push(...pair);
  }
  /** Both sources lock before anything is counted. */
  for (let round = 0; round < 3; round++) {
    for (const phone of phones) send(phone);
    await pause(100);
  }
  running = true;
  if (paced) await sendPaced(phones, send, warmupS);
  else {
    for (let i = 0; i < windowPackets; i++) for (const phone of phones) send(phone);
    await pause(warmupS * 1000);
  }
  received = 0;
  sent = 0;
  delays.length = 0;
  process.send?.({});
  if (paced) await sendPaced(phones, send, seconds);
  else await pause(seconds * 1000);
  running = false;
  const report = { sent, received };
  await pause(300);
  delays.sort((a, b) => a - b);
  process.send?.({
    sent: report.sent,
    received: paced ? received : report.received,
    delayP50Ms: rounded(delays[Math.floor(delays.length * 0.5)] ?? 0),
    delayP99Ms: rounded(delays[Math.floor(delays.length * 0.99)] ?? 0),
  } satisfies PeerReport);
  for (const { socket } of phones) socket.close();
}

/** Phones are spread over the 20 ms, a few in each ms, as independent phones would be. */
async function sendPaced(phones: readonly Phone[], send: (phone: Phone) => void, seconds: number): Promise<void> {
  const startMs = performance.now();
  const total = phones.length * ((seconds * 1000) / ptimeMs);
  for (let done = 0; done < total;) {
    const due = Math.min(total, ((performance.now() - startMs) / ptimeMs) * phones.length);
    for (; done < due; done++) send(phones[done % phones.length] as Phone);
    await pause(1);
  }
}

/** Loud enough, and unlike a tone, so that the decoder and the key detector have their usual work. */
function speechPacket(seed: number): Buffer {
  const packet = Buffer.alloc(rtpBytes);
  packet[0] = 0x80;
  packet.writeUInt32BE(seed + 1, 8);
  for (let i = 20; i < rtpBytes; i++) packet[i] = (i * 73 + seed * 31) & 0xff;
  return packet;
}

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (address, _, done) => done(null, address, 4) });
  await new Promise<void>((resolve) => socket.bind(0, localhost, resolve));
  return socket;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function rounded(ms: number): number {
  return Number(ms.toFixed(3));
}
