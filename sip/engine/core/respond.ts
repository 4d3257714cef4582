import { Headers } from '../message/headers.ts';
import { plainHost } from '../message/uri.ts';
import { splitList, type Via } from '../message/fields.ts';
import { noBody, type ReceivedRequest, type SipRequest, type SipResponse } from '../message/message.ts';
import type { Flow, Hop } from '../transport/flow.ts';
import type { Core } from './core.ts';
import { phraseOf } from './reasons.ts';

/**
 * Writes into the topmost Via where the request really came from: `received` where the sent-by says something else
 * (RFC 3261 section 18.2.1), both it and `rport` where the client asked for rport (RFC 3581 section 4).
 */
export function stampVia(headers: Headers, via: Via, flow: Flow): void {
  const asksPort = via.params['rport'] === '';
  if (!asksPort && plainHost(via.host) === flow.remoteAddress) return;
  const [top = '', ...others] = splitList(headers.get('Via') ?? '');
  const kept = splitList(top, ';').filter((part) => !/^(?:received|rport)\s*(?:=|$)/i.test(part));
  const port = asksPort ? `;rport=${flow.remotePort}` : '';
  headers.set('Via', [`${kept.join(';')};received=${flow.remoteAddress}${port}`, ...others].join(', '));
}

/** Section 18.2.2 and RFC 3581: the address it came from, at the port asked for. */
function responseHop(via: Via, flow: Flow): Hop {
  const port = via.params['rport'] === undefined ? (via.port ?? 5060) : flow.remotePort;
  return {
    transport: flow.transport,
    address: flow.remoteAddress,
    port: flow.transport === 'tcp' ? (via.port ?? 5060) : port,
  };
}

/** Where responses to this request go: its connection while that stands, else a new one to the address in the Via. */
export function responseSender(core: Core, via: Via, flow: Flow): (bytes: Buffer) => void {
  if (flow.transport === 'udp') {
    const back = core.transports.reachNow(responseHop(via, flow)) ?? flow;
    return (bytes) => back.send(bytes);
  }
  return (bytes) => {
    if (flow.alive) {
      flow.send(bytes);
      return;
    }
    core.transports.reach(responseHop(via, flow)).then(
      (other) => other.send(bytes),
      () => core.counters.transport('unreachable', 'tcp'),
    );
  };
}

/** Via, From, To, Call-ID and CSeq of the request, the To with this tag where it has none. */
export function responseTo(
  request: Pick<ReceivedRequest, 'headers'>,
  status: number,
  toTag: string,
  reason = phraseOf(status),
): SipResponse {
  const headers = new Headers().copy('Via', request.headers);
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const value = request.headers.get(name);
    if (value === undefined) continue;
    const tagged = name !== 'To' || status === 100 || toTag === '' || /;\s*tag\s*=/i.test(value);
    headers.add(name, tagged ? value : `${value};tag=${toTag}`);
  }
  return { kind: 'response', status, reason, headers, body: noBody };
}

/** A response that nobody sent: what the application is told of a request that came to nothing. */
export function localResponse(request: SipRequest, status: number, toTag: string): SipResponse {
  return responseTo(request, status, toTag);
}
