import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCapture } from './read-capture.ts';
import { rtp } from './testing/scene.ts';

/** Listening on a network is root's, and the tool may be absent (`status` is null then). */
const mayCapture = process.getuid?.() === 0 && spawnSync('tcpdump', ['-D']).status === 0;

test.skipIf(!mayCapture)('what tcpdump itself wrote of two streams', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tcpdump-'));
  const path = join(folder, 'real.pcap');
  const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
  for (const socket of sockets) await once(socket.bind(0, '127.0.0.1'), 'listening');
  const [one, two] = sockets.map((socket) => socket.address().port) as [number, number];
  const filter = `udp port ${one} and udp port ${two}`;
  const tcpdump = spawn('tcpdump', ['-i', 'lo', '-U', '-c', '60', '-w', path, filter]);
  try {
    await once(tcpdump.stderr, 'data');
    const ended = once(tcpdump, 'exit');
    for (let i = 0; i < 30; i++) {
      sockets[0].send(rtp(0, i, 160 * i, 1, Buffer.alloc(160, 1)), two, '127.0.0.1');
      sockets[1].send(rtp(0, i, 160 * i, 2, Buffer.alloc(160, 2)), one, '127.0.0.1');
    }
    await ended;
    const { calls } = await readCapture(path);
    const fills: string[] = [];
    for await (const item of calls[0]?.items() ?? [])
      if (item.type === 'rtp') fills.push(`${item.side} ${item.bytes[12]}`);
    expect(fills.filter((each) => each === 'caller 1')).toHaveLength(30);
    expect(fills.filter((each) => each === 'callee 2')).toHaveLength(30);
  } finally {
    tcpdump.kill();
    for (const socket of sockets) socket.close();
    await rm(folder, { recursive: true });
  }
});
