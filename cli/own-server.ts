import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import type { PeerCertificate } from 'node:tls';
import { isUnspecified } from '#lib/addresses.ts';
import type { Config } from '#lib/config/schema.ts';

export interface OwnRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** Given up when the server says nothing for so long. */
  readonly silenceMs?: number;
}

/** An export of a long period is written before its answer comes. */
const longestSilenceMs = 10 * 60_000;

/** Where the server of this configuration is found from this machine. */
export function ownServerUrl({ http }: Config): string {
  const host = isUnspecified(http.host) ? '127.0.0.1' : http.host;
  const scheme = http.tls === undefined ? 'http' : 'https';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
}

/** Where people open the pages of that server. */
export function pagesUrl(config: Config): string {
  return config.http.publicUrl ?? ownServerUrl(config);
}

/**
 * `fetch` to the server of this configuration. Its certificate is made out to a public name and perhaps by nobody known
 * here, while we come by address: it has to be the very one in `http.tls.certFile`.
 */
export async function fetchOwnServer(config: Config, path: string, request: OwnRequest = {}): Promise<Response> {
  const { method = 'GET', headers = {}, body, silenceMs = longestSilenceMs } = request;
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const options: RequestOptions = {
      method,
      headers,
      agent: false,
      timeout: silenceMs,
      ...trust(config.http.tls?.certFile),
    };
    const send = config.http.tls === undefined ? httpRequest : httpsRequest;
    const asked = send(`${ownServerUrl(config)}${path}`, options, resolve);
    asked.once('timeout', () => asked.destroy(new Error(`no word from it for ${silenceMs / 1000} s`)));
    asked.once('error', reject);
    if (!(body instanceof Readable)) asked.end(body);
    // An answer that comes before all is sent (a refusal) counts, whatever becomes of the rest.
    else body.once('error', (error) => asked.destroy(error)).pipe(asked);
  });
  const { statusCode: status = 500, headers: answered } = message;
  const type = answered['content-type'];
  const content = status === 204 || status === 304 ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
  if (content === null) message.resume();
  return new Response(content, { status, headers: type === undefined ? {} : { 'content-type': type } });
}

function trust(certFile: string | undefined): object {
  if (certFile === undefined) return {};
  const pem = readFileSync(certFile);
  const own = new X509Certificate(pem).fingerprint256;
  return {
    ca: pem,
    allowPartialTrustChain: true,
    checkServerIdentity: (_host: string, { fingerprint256 }: PeerCertificate) =>
      fingerprint256 === own ? undefined : new Error(`its certificate is not the one in ${certFile}`),
  };
}
