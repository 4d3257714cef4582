import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { clientAddress, isSameOrigin } from './client-address.ts';

function requestFrom(peer: string, headers: Record<string, string>): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  const request = new IncomingMessage(socket);
  request.headers = headers;
  return request;
}

test.each([
  ['no proxy declared: the header is a client’s word', '127.0.0.1', '198.51.100.7', false, '127.0.0.1'],
  ['the declared proxy on loopback is believed', '127.0.0.1', '198.51.100.7', true, '198.51.100.7'],
  ['only its own, last entry', '::1', '203.0.113.1, 198.51.100.7', true, '198.51.100.7'],
  ['another host is not the proxy', '192.0.2.9', '198.51.100.7', true, '192.0.2.9'],
  ['what is no address is not taken', '127.0.0.1', 'nonsense', true, '127.0.0.1'],
  ['mapped IPv4 is IPv4', '::ffff:192.0.2.9', '', true, '192.0.2.9'],
])('%s', (_name, peer, forwarded, tlsProxy, expected) => {
  expect(clientAddress(requestFrom(peer, { 'x-forwarded-for': forwarded }), tlsProxy)).toBe(expected);
});

test.each([
  [{ host: 'a.example', origin: 'https://a.example' }, true],
  [{ host: 'a.example', origin: 'https://b.example' }, false],
  [{ host: 'a.example', origin: 'null' }, false],
  [{ host: 'a.example', 'sec-fetch-site': 'cross-site' }, false],
  [{ host: 'a.example', 'sec-fetch-site': 'same-site' }, false],
  [{ host: 'a.example', 'sec-fetch-site': 'same-origin' }, true],
  [{ host: 'a.example' }, true],
  [{ host: '127.0.0.1:8080', origin: 'https://public.example' }, true],
  [{ host: '127.0.0.1:8080', origin: 'http://public.example' }, false],
])('%o from our own pages: %s', (headers, expected) => {
  expect(isSameOrigin(requestFrom('127.0.0.1', headers), 'https://public.example')).toBe(expected);
});
