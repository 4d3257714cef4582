import { createSocket, type Socket } from 'node:dgram';

/** What bench/siprec.ts asks of its senders (a process of their own): 50 packets a second to each port. */
export interface SendTask {
  readonly ports: readonly number[];
  /** Before the first answer, and after it. */
  readonly warmupS: number;
  readonly seconds: number;
}
/** Answered twice: when the warm-up is over, and at the end. */
export interface SendReport {
  /** To each port so far. */
  readonly packetsEach: number;
  /** The longest that a packet went out after its time. */
  readonly latestMs: number;
}

const ptimeMs = 20;
const rtpBytes = 172;
const socketCount = 16;
const localhost = '127.0.0.1';

process.on('message', (task: SendTask) => void run(task));

async function run({ ports, warmupS, seconds }: SendTask): Promise<void> {
  const sockets: Socket[] = [];
  for (let index = 0; index < socketCount; index++) sockets.push(await bound());
  const packets = ports.map(noisePacket);
  let latestMs = 0;
  const startMs = performance.now();
  /** Streams are spread over the 20 ms, as those of independent phones are. */
  const sendUntil = async (frames: number, from: number): Promise<void> => {
    for (let done = from * ports.length; done < frames * ports.length;) {
      const dueAt = ((performance.now() - startMs) / ptimeMs) * ports.length;
      const due = Math.min(frames * ports.length, dueAt);
      latestMs = Math.max(latestMs, ((dueAt - done) / ports.length) * ptimeMs);
      for (; done < due; done++) {
        const stream = done % ports.length;
        const packet = packets[stream] as Buffer;
        const sequence = Math.floor(done / ports.length);
        packet.writeUInt16BE(sequence & 0xffff, 2);
        packet.writeUInt32BE((sequence * 160) >>> 0, 4);
        (sockets[stream % socketCount] as Socket).send(packet, ports[stream] as number, localhost);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const warmFrames = (warmupS * 1000) / ptimeMs;
  const allFrames = warmFrames + (seconds * 1000) / ptimeMs;
  await sendUntil(warmFrames, 0);
  latestMs = 0;
  process.send?.({ packetsEach: warmFrames, latestMs } satisfies SendReport);
  await sendUntil(allFrames, warmFrames);
  process.send?.({ packetsEach: allFrames, latestMs } satisfies SendReport);
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const socket of sockets) socket.close();
}

/** Mu-law as loud as talk and unlike a tone: decoder, key detector and peaks have their usual work. */
function noisePacket(_port: number, seed: number): Buffer {
  const packet = Buffer.alloc(rtpBytes);
  packet[0] = 0x80;
  packet.writeUInt32BE(seed + 1, 8);
  for (let index = 12; index < rtpBytes; index++) packet[index] = (index * 73 + seed * 31) & 0xff;
  return packet;
}

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (address, _, done) => done(null, address, 4) });
  await new Promise<void>((resolve) => socket.bind(0, localhost, resolve));
  return socket;
}
