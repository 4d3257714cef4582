import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import { isLoopback, isUnspecified } from '#lib/addresses.ts';
import { systemClock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import { systemCode } from '#lib/errors.ts';
import { HostResolver } from '#lib/host-resolver.ts';
import { LocalAddresses } from '#lib/local-address.ts';
import { isOfThisMachine } from '#lib/this-machine.ts';
import { parseUri, type SipUri } from '../../sip/routing/uri.ts';
import type { Check, Checker } from './check.ts';

const answerMs = 3000;
/** Over UDP a question is sent again after so long (RFC 3261, T1), and twice that. */
const resendMs = [500, 1500] as const;

interface Peer {
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  /** Undefined: its name has no address. */
  readonly address: string | undefined;
}

/** What is offered to peers, and whether those that calls are sent to answer. */
export const checkPeers: Checker = async (config) => {
  const addresses = new LocalAddresses({ boundAddress: config.sip.host, advertiseAddress: config.advertiseAddress });
  const peers = await targetsOf(config);
  const checks: Check[] = [advertised(config)];
  for (const peer of peers) checks.push(await checkPeer(peer, addresses, config));
  return checks;
};

function advertised({ advertiseAddress, sip }: Config): Check {
  const name = 'advertised address';
  if (advertiseAddress === undefined) {
    if (isLoopback(sip.host))
      return { name, state: 'ok', detail: `${sip.host}: only this machine can call (sip.host opens it to others)` };
    const detail = isUnspecified(sip.host) ? 'the one that reaches each peer' : sip.host;
    return { name, state: 'ok', detail: `${detail}; behind NAT set SIDETONE_ADVERTISE_ADDRESS` };
  }
  if (isUnspecified(advertiseAddress) || isLoopback(advertiseAddress))
    return { name, state: 'wrong', detail: `${advertiseAddress} is nobody's address on the network: unset or mend it` };
  const whose = isOfThisMachine(advertiseAddress)
    ? 'an address of this machine'
    : `not of this machine: right if a NAT forwards SIP and rtp.ports from there`;
  return { name, state: 'ok', detail: `${advertiseAddress}, ${whose}` };
}

/** Targets of routes, whoever is dialled. A host that comes out of the dialled number cannot be asked. */
async function targetsOf({ routes }: Config): Promise<readonly Peer[]> {
  const uris = routes
    .flatMap(({ to }) => to)
    .filter((target) => !target.slice(target.lastIndexOf('@') + 1).includes('$'))
    .flatMap((target) => parseUri(target.replaceAll(/\$\d/g, '0')) ?? []);
  const resolver = new HostResolver(systemClock);
  const peers = new Map<string, Peer>();
  for (const uri of uris) {
    const transport = uri.transport === 'tcp' ? 'tcp' : 'udp';
    const port = uri.port ?? 5060;
    const key = `${transport} ${uri.host}:${port}`;
    if (!peers.has(key)) peers.set(key, { host: uri.host, port, transport, address: await addressOf(resolver, uri) });
  }
  return [...peers.values()];
}

async function addressOf(resolver: HostResolver, { host }: SipUri): Promise<string | undefined> {
  if (isIP(host) !== 0) return host;
  return resolver.resolve(host).then(
    ([first]) => first,
    () => undefined,
  );
}

async function checkPeer(peer: Peer, addresses: LocalAddresses, config: Config): Promise<Check> {
  const at = `${peer.host}:${peer.port}`;
  const name = `target ${at} (${peer.transport})`;
  if (peer.address === undefined) return { name, state: 'wrong', detail: `${peer.host} has no address: mend the name` };
  const ours = await addresses.learn(peer.address);
  const sees = `it is offered ${ours}`;
  if (isLoopback(ours) && !isLoopback(peer.address))
    return {
      name,
      state: 'wrong',
      detail: `${sees}, where it cannot reach us: set sip.host to an address it can reach`,
    };
  const answer = await askOptions({ ...peer, address: peer.address }, ours, config);
  if ('status' in answer)
    return { name, state: 'ok', detail: `answers OPTIONS with ${answer.status} after ${answer.afterMs} ms; ${sees}` };
  const detail = `does not answer OPTIONS (${answer.trouble}): is it up, and does its firewall or ACL let us in? ${sees}`;
  return { name, state: 'warning', detail };
}

type OptionsAnswer = { readonly status: number; readonly afterMs: number } | { readonly trouble: string };

function askOptions(peer: Peer & { readonly address: string }, ours: string, { sip }: Config): Promise<OptionsAnswer> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    let stop = (): void => undefined;
    const settle = (answer: OptionsAnswer): void => {
      timers.forEach((timer) => clearTimeout(timer));
      stop();
      resolve(answer);
    };
    const heard = (data: Buffer): void => {
      const status = Number(/^SIP\/2\.0 (\d{3}) /.exec(data.toString('latin1', 0, 16))?.[1] ?? 0);
      if (status >= 200) settle({ status, afterMs: Math.round(performance.now() - startMs) });
    };
    const failed = (error: Error): void => settle({ trouble: systemCode(error) ?? error.message });
    timers.push(setTimeout(() => settle({ trouble: `nothing within ${answerMs / 1000} s` }), answerMs));
    if (peer.transport === 'tcp') {
      const socket = connect(peer.port, peer.address, () => {
        socket.write(optionsTo(peer, ours, socket.localPort ?? sip.port));
      });
      socket.on('data', heard).on('error', failed);
      stop = () => socket.destroy();
      return;
    }
    const socket = createSocket(isIP(peer.address) === 6 ? 'udp6' : 'udp4');
    socket.on('message', heard).on('error', failed);
    stop = () => socket.close();
    // Connected, so that a port where nobody listens says so (ICMP).
    socket.connect(peer.port, peer.address, () => {
      const request = optionsTo(peer, ours, socket.address().port);
      socket.send(request);
      for (const afterMs of resendMs) timers.push(setTimeout(() => socket.send(request), afterMs));
    });
  });
}

/** RFC 3261 section 11.1. */
function optionsTo(peer: Peer, ours: string, port: number): string {
  const bracketed = ours.includes(':') ? `[${ours}]` : ours;
  const host = peer.host.includes(':') ? `[${peer.host}]` : peer.host;
  const token = (): string => randomBytes(8).toString('hex');
  return [
    `OPTIONS sip:${host}:${peer.port} SIP/2.0`,
    `Via: SIP/2.0/${peer.transport.toUpperCase()} ${bracketed}:${port};rport;branch=z9hG4bK${token()}`,
    'Max-Forwards: 70',
    `From: <sip:doctor@${bracketed}>;tag=${token()}`,
    `To: <sip:${host}:${peer.port}>`,
    `Call-ID: ${token()}`,
    'CSeq: 1 OPTIONS',
    `Contact: <sip:doctor@${bracketed}:${port}>`,
    'Accept: application/sdp',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
