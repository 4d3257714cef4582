import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { bindTrouble } from '#lib/bind-trouble.ts';
import type { Config } from '#lib/config/schema.ts';
import { parsePortRange } from '#lib/config/values.ts';
import { systemCode } from '#lib/errors.ts';
import type { Check, Checker } from './check.ts';

interface Port {
  readonly name: string;
  readonly protocol: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
  /** The server has it open all the time. */
  readonly held: boolean;
}

/** Each port is free, or the running server has it. */
export const checkPorts: Checker = async (config, running) => {
  const checks: Check[] = [];
  for (const port of portsOf(config)) checks.push(await checkPort(port, running));
  return [...checks, ...portsOfOthers(config)];
};

function portsOf({ sip, http, rtp, audiosocket }: Config): readonly Port[] {
  const ports: Port[] = sip.transports.map((protocol) => ({
    name: `SIP over ${protocol.toUpperCase()}`,
    protocol,
    address: sip.host,
    port: sip.port,
    held: true,
  }));
  ports.push({ name: 'HTTP', protocol: 'tcp', address: http.host, port: http.port, held: true });
  if (audiosocket.port !== undefined) {
    const { host: address, port } = audiosocket;
    ports.push({ name: 'AudioSocket', protocol: 'tcp', address, port, held: true });
  }
  const range = parsePortRange(rtp.ports);
  if (range === undefined) return ports;
  const rtpPort = { protocol: 'udp', address: sip.host, held: false } as const;
  ports.push({ ...rtpPort, name: 'RTP (first port)', port: range.first });
  ports.push({ ...rtpPort, name: 'RTP (last port)', port: range.last });
  return ports;
}

async function checkPort({ name, protocol, address, port, held }: Port, running: boolean): Promise<Check> {
  const code = protocol === 'udp' ? await udpTrouble(address, port) : await tcpTrouble(address, port);
  const at = `${address}:${port}`;
  if (running && held && port !== 0) {
    return code === 'EADDRINUSE'
      ? { name, state: 'ok', detail: `${at} is held, as it should be: the server runs` }
      : {
          name,
          state: 'wrong',
          detail: `${at} is not open, although the server runs: restart it with this configuration`,
        };
  }
  if (code === undefined) return { name, state: 'ok', detail: `${at} is free` };
  if (code === 'EADDRINUSE' && running) return { name, state: 'ok', detail: `${at} is at work: the server runs` };
  return { name, state: 'wrong', detail: `${at}: ${bindTrouble(code)}` };
}

/** Ports that the kernel hands to any program that asks for one: then a call may find its own taken. */
function portsOfOthers({ rtp }: Config): readonly Check[] {
  const range = parsePortRange(rtp.ports);
  const [first = 0, last = 0] = readKernelRange();
  if (range === undefined || last < range.first || first > range.last) return [];
  const detail =
    `${rtp.ports} overlaps ${first}-${last}, from which the kernel serves other programs (ip_local_port_range): ` +
    'a call is refused when its ports are taken; choose rtp.ports below it';
  return [{ name: 'RTP ports', state: 'warning', detail }];
}

function readKernelRange(): readonly number[] {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

function udpTrouble(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      resolve(systemCode(error) ?? error.message);
    });
    socket.bind(port, address, () => socket.close(() => resolve(undefined)));
  });
}

function tcpTrouble(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(systemCode(error) ?? error.message));
    server.listen(port, address, () => server.close(() => resolve(undefined)));
  });
}
