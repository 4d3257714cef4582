import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { z } from 'zod';
import type { Config } from '#lib/config/schema.ts';
import { errorCodes, SidetoneError, systemCode, toError, type ErrorCode } from '#lib/errors.ts';
import { onBehalfOfHeader } from '../dashboards/auth/on-behalf-of.ts';
import { fetchOwnServer, ownServerUrl } from './own-server.ts';

const problemSchema = z.object({ code: z.enum(errorCodes).catch('bad-request'), detail: z.string() });

/**
 * The command line's way to the server of the same configuration: its HTTP API, with the key in `DATA_DIR/admin-key`,
 * which all who may read that file share; so it says with each request which of them asks.
 */
export class ApiClient {
  readonly #config: Config;
  readonly #key: string;

  constructor(config: Config) {
    this.#config = config;
    this.#key = process.env['SIDETONE_API_KEY'] ?? readKey(join(config.dataDir, 'admin-key'));
  }

  /** @throws SidetoneError with the code of the server's problem, or `not-found` where no server answers */
  async get<Value>(path: string, schema: z.ZodType<Value>): Promise<Value> {
    return understood(await this.#request('GET', path), schema);
  }

  async send<Value>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    schema: z.ZodType<Value>,
    body?: unknown,
  ): Promise<Value> {
    const sent = body === undefined ? undefined : { type: 'application/json', body: JSON.stringify(body) };
    const response = await this.#request(method, path, sent);
    return response.status === 204 ? schema.parse(undefined) : understood(response, schema);
  }

  /** The files of the form are read while they are sent; `onSent` hears how many bytes of it are. */
  async upload<Value>(
    path: string,
    schema: z.ZodType<Value>,
    form: FormData,
    onSent: (bytes: number) => void,
  ): Promise<Value> {
    const { headers, body } = new Response(form);
    const counted = countedBytes(Readable.fromWeb(body as WebStream), onSent);
    const sent = { type: headers.get('content-type') ?? '', body: Readable.from(counted, { objectMode: false }) };
    return understood(await this.#request('POST', path, sent), schema);
  }

  async download(path: string): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#request('GET', path);
    if (body === null) throw new SidetoneError('bad-request', `${path}: an empty answer`);
    return body;
  }

  async #request(
    method: string,
    path: string,
    sent?: { readonly type: string; readonly body: string | Readable },
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetchOwnServer(this.#config, path, {
        method,
        headers: {
          Authorization: `Bearer ${this.#key}`,
          [onBehalfOfHeader]: encodeURIComponent(systemUser()),
          ...(sent === undefined ? {} : { 'Content-Type': sent.type }),
        },
        ...(sent === undefined ? {} : { body: sent.body }),
      });
    } catch (cause) {
      const why = systemCode(cause) === 'ECONNREFUSED' ? 'is it running?' : toError(cause).message;
      throw new SidetoneError('not-found', `no Sidetone answers at ${ownServerUrl(this.#config)}: ${why}`, { cause });
    }
    if (response.ok) return response;
    const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
    const code: ErrorCode = problem.data?.code ?? 'bad-request';
    throw new SidetoneError(code, problem.data?.detail ?? `the server answered ${response.status}`);
  }
}

async function understood<Value>(response: Response, schema: z.ZodType<Value>): Promise<Value> {
  const answer = schema.safeParse(await response.json().catch(() => undefined));
  if (answer.success) return answer.data;
  const [issue] = answer.error.issues;
  const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
  throw new SidetoneError('internal-error', `its answer is not understood${where}: is the server of another version?`);
}

async function* countedBytes(content: Readable, onSent: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    yield chunk;
    onSent((bytes += chunk.length));
  }
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const what =
      systemCode(cause) === 'EACCES'
        ? `${path} is the server's user's alone: run this as that user`
        : `no key in ${path}: a server makes it once its database is there, and --config names that server's file`;
    throw new SidetoneError('unauthenticated', `${what}; or put an API key into SIDETONE_API_KEY`, { cause });
  }
}

/** Who runs the command, as the operating system tells it; the key says only that it is one who may read the key. */
function systemUser(): string {
  const { SUDO_USER: before } = process.env;
  const name = accountName();
  return before === undefined || before === name ? name : `${before} as ${name}`;
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // No such account: a container that was started under any number.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** `?a=1&b=2` of what is given. */
export function queryString(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
