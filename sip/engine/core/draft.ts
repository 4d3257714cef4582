import { Headers } from '../message/headers.ts';
import { firstUri, parseNameAddr } from '../message/fields.ts';
import { noBody, type SipRequest } from '../message/message.ts';
import { hostText, parseSipUri } from '../message/uri.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { routeRequest } from '../dialog/route-set.ts';
import type { Flow } from '../transport/flow.ts';
import { newSequence, newTag, randomToken } from './tokens.ts';

/** A request without what depends on the way it goes: Via, and our address in Contact and From. */
export interface Draft {
  readonly method: string;
  readonly requestUri: string;
  readonly nextHop: string;
  /** Without Via and Contact. */
  readonly headers: Headers;
  /** As the application gave it; undefined when it gave none. */
  readonly contact: string | undefined;
  readonly body: Buffer;
}

/** Requests that need a Contact of ours: they make a dialog or refresh its target (RFC 3261 section 12, RFC 3311). */
const contactMethods = new Set(['INVITE', 'SUBSCRIBE', 'UPDATE', 'NOTIFY', 'REFER']);

/** What the engine writes itself, whatever the application says. */
const managed = new Set(['Via', 'Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Route', 'Content-Length']);

/** Copies what is the application's to say. */
export function copyAppHeaders(from: Headers, to: Headers): void {
  for (let at = 0; at < from.names.length; at += 1) {
    const name = from.names[at] ?? '';
    if (!managed.has(name) && name !== 'Record-Route') to.add(name, from.values[at] ?? '');
  }
}

/**
 * A request outside a dialog (RFC 3261 section 8.1.1). The application may give From, To, Call-ID, CSeq,
 * Max-Forwards, Route and Contact; what it leaves out is made up here. `proxy` is where to send it, if not to the
 * first Route or the Request-URI.
 */
export function draftOutside(method: string, uri: string, app: Headers, body: Buffer, proxy: string): Draft {
  const headers = new Headers();
  const from = app.get('From') ?? '<sip:anonymous@localhost>';
  const sequence = Number.parseInt(app.get('CSeq') ?? '', 10);
  const route = app.get('Route');
  if (route !== undefined) headers.copy('Route', app);
  headers.add('Max-Forwards', app.get('Max-Forwards') ?? '70');
  headers.add('From', parseNameAddr(from)?.params['tag'] === undefined ? `${from};tag=${newTag()}` : from);
  headers.add('To', app.get('To') ?? `<${uri}>`);
  headers.add('Call-ID', app.get('Call-ID') ?? randomToken(16));
  headers.add('CSeq', `${Number.isInteger(sequence) ? sequence : newSequence()} ${method}`);
  copyAppHeaders(app, headers);
  const nextHop = proxy === '' ? (firstUri(route) ?? uri) : proxyUri(proxy);
  return { method, requestUri: uri, nextHop, headers, contact: app.get('Contact'), body };
}

/** A request inside a dialog (section 12.2.1.1), with the sequence number given. */
export function draftInside(dialog: Dialog, method: string, sequence: number, app: Headers, body: Buffer): Draft {
  const { requestUri, routes, nextHop } = routeRequest(dialog.routeSet, dialog.remoteTarget);
  const headers = new Headers();
  for (const route of routes) headers.add('Route', route);
  headers.add('Max-Forwards', app.get('Max-Forwards') ?? '70');
  headers.add('From', dialog.local);
  headers.add('To', dialog.remote);
  headers.add('Call-ID', dialog.callId);
  headers.add('CSeq', `${sequence} ${method}`);
  copyAppHeaders(app, headers);
  return { method, requestUri, nextHop, headers, contact: app.get('Contact'), body };
}

export function nextInside(dialog: Dialog, method: string, app: Headers = new Headers(), body: Buffer = noBody): Draft {
  dialog.localSequence += 1;
  return draftInside(dialog, method, dialog.localSequence, app, body);
}

/** The draft as it goes out by this flow. */
export function finish(draft: Draft, flow: Flow, branch: string): SipRequest {
  const headers = new Headers();
  headers.add('Via', `SIP/2.0/${flow.transport.toUpperCase()} ${sentBy(flow)};branch=${branch};rport`);
  for (let at = 0; at < draft.headers.names.length; at += 1) {
    const name = draft.headers.names[at] ?? '';
    const value = draft.headers.values[at] ?? '';
    headers.add(name, name === 'From' || name === 'To' ? ownHost(value, flow, false) : value);
  }
  if (draft.contact !== undefined) headers.add('Contact', ownHost(draft.contact, flow, true));
  else if (contactMethods.has(draft.method)) headers.add('Contact', ownContact(flow));
  return { kind: 'request', method: draft.method, uri: draft.requestUri, headers, body: draft.body };
}

function sentBy(flow: Flow): string {
  return `${hostText(flow.localAddress)}:${flow.localPort}`;
}

export function ownContact(flow: Flow): string {
  return `<sip:${sentBy(flow)}${flow.transport === 'tcp' ? ';transport=tcp' : ''}>`;
}

/**
 * The host `localhost` in what the application gives stands for the address that this peer reaches us at, as it does
 * with drachtio-server.
 */
export function ownHost(value: string, flow: Flow, isContact: boolean): string {
  if (!value.includes('localhost')) return value;
  const uri = firstUri(value);
  const parsed = uri === undefined ? undefined : parseSipUri(uri);
  if (uri === undefined || parsed?.host !== 'localhost') return value;
  const user = parsed.user === '' ? '' : `${parsed.user}@`;
  const host = isContact ? sentBy(flow) : hostText(flow.localAddress);
  const over =
    isContact && flow.transport === 'tcp' && parsed.params['transport'] === undefined ? ';transport=tcp' : '';
  const own = `${parsed.scheme}:${user}${host}${over}${parsed.rest}`;
  const at = value.indexOf(uri);
  // Without brackets the URI's parameters would become the header's.
  return value.includes('<')
    ? value.slice(0, at) + own + value.slice(at + uri.length)
    : `<${own}>${value.slice(uri.length)}`;
}

/** `host`, `host:port` or a URI, in brackets or not. */
function proxyUri(proxy: string): string {
  const plain = proxy.startsWith('<') ? (firstUri(proxy) ?? proxy) : proxy;
  return /^(?:sips?|tel):/i.test(plain) ? plain : `sip:${plain}`;
}
