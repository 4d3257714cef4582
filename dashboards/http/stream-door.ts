import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Actor, Database } from '#db/types.ts';
import { addressMatcher } from '#lib/addresses.ts';
import type { Config } from '#lib/config/schema.ts';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { StreamIntake, StreamSender } from '#media/types.ts';
import type { SourceNotes } from '#sip/types.ts';
import { mayUse } from '../auth/access.ts';
import { identityOfKey, nobody } from '../auth/identify.ts';
import { streamSecret } from '../auth/stream-secret.ts';
import type { AuditTrail } from './audit-trail.ts';
import { clientAddress, comesFromPage, isSameOrigin } from './client-address.ts';
import { ownNames } from './own-names.ts';
import { HttpProblem, toProblem } from './problems.ts';
import type { RateLimit } from './rate-limit.ts';

export interface StreamDoorOptions {
  readonly database: Pick<Database, 'keys'>;
  readonly streams: StreamIntake;
  readonly sources: SourceNotes;
  readonly trail: AuditTrail;
  /** Shared with the rest of the API. */
  readonly refusals: RateLimit;
  readonly logger: Logger;
  readonly tlsProxy: boolean;
  /** `http.publicUrl` and `http.host` of the configuration. */
  readonly publicUrl: string | undefined;
  readonly host: string;
  /** `streams.allow` of the configuration. */
  readonly allow: readonly string[];
  readonly trunks: Config['trunks'];
}

const remedies = {
  'stream-without-key':
    'Give the sender an API key (Authorization: Bearer KEY, Basic with the key as password, ?token=KEY, or the key as ' +
    'the last part of the path), or put its address into streams.allow.',
  'stream-key-wrong':
    'The API key that the sender shows is none of ours, or is revoked: make one with `sidetone keys add NAME --role sender`.',
  'stream-key-reads':
    'The API key that the sender shows is one for reading: make one for it with `sidetone keys add NAME --role sender`.',
  'stream-from-page': 'A page in a browser may not open a stream without a key: send the key with it.',
  'stream-host-unknown':
    'The sender names an Origin, and asks for this server by a name that is not known as its own: have it connect to the ' +
    'IP address, put the name into http.publicUrl, or give it a key.',
} as const;

/** How long one that is turned away has to read why. */
const lingerMs = 2000;

/**
 * Who may open a WebSocket of sound: whoever shows an API key, or comes from an address that is allowed. A sender that
 * is let in is no row of the audit log, as a SIP trunk is none: the call that begins says whose it is, and calls are
 * not to wait for the database. One that is turned away is.
 */
export class StreamDoor {
  readonly #options: StreamDoorOptions;
  readonly #isAllowed: (address: string) => boolean;
  readonly #isOwnName: (host: string | undefined) => boolean;
  readonly #trunks: readonly { readonly name: string; readonly matches: (address: string) => boolean }[];
  readonly #sockets = new Set<Duplex>();

  constructor(options: StreamDoorOptions) {
    this.#options = options;
    this.#isAllowed = addressMatcher(options.allow);
    this.#isOwnName = ownNames([options.publicUrl, options.host]);
    this.#trunks = options.trunks.map(({ name, match }) => ({ name, matches: addressMatcher(match) }));
  }

  /** Takes a socket over from Node's server. Never throws. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // A sender that goes away while it is being looked at is none of our troubles.
    socket.on('error', () => socket.destroy());
    void this.#takeIn(request, socket, head);
  }

  async #takeIn(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    try {
      const sender = await this.#admit(request);
      if (!socket.destroyed) this.#options.streams.handleUpgrade(request, socket, head, sender);
    } catch (thrown) {
      const problem = toProblem(thrown);
      if (problem.status === 500) this.#options.logger.error({ err: toError(thrown) }, 'a stream could not be let in');
      refuse(socket, problem);
    }
  }

  /** Those that are still open: Node's server does not count them as its own, and waits for them all the same. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #admit(request: IncomingMessage): Promise<StreamSender> {
    const { refusals, database, tlsProxy, publicUrl } = this.#options;
    const address = clientAddress(request, tlsProxy);
    const waitS = refusals.waitS(address);
    if (waitS > 0) {
      const headers = { 'Retry-After': String(waitS) };
      throw new HttpProblem('rate-limited', 'too many refused requests', { headers });
    }
    const secret = streamSecret(request);
    if (secret !== undefined) {
      const identity = await identityOfKey(secret, database);
      if (identity === null) return this.#turnAway(address, 'stream-key-wrong', 'unauthenticated');
      const { actor, role } = identity;
      if (!mayUse('sender', role)) return this.#turnAway(address, 'stream-key-reads', 'forbidden', actor);
      return { name: actor.name, address };
    }
    if (!this.#isAllowed(address)) return this.#turnAway(address, 'stream-without-key', 'unauthenticated');
    // The address alone lets it in: then no page that a browser behind it happens to show may ride on that, be its name
    // bent to our address (DNS rebinding) or not.
    if (comesFromPage(request) && request.headers.origin !== publicUrl) {
      if (!isSameOrigin(request)) return this.#turnAway(address, 'stream-from-page', 'forbidden');
      if (!this.#isOwnName(request.headers.host)) return this.#turnAway(address, 'stream-host-unknown', 'forbidden');
    }
    return { name: this.#trunks.find(({ matches }) => matches(address))?.name ?? address, address };
  }

  async #turnAway(
    address: string,
    reason: keyof typeof remedies,
    code: 'unauthenticated' | 'forbidden',
    actor: Actor = nobody,
  ): Promise<never> {
    const { refusals, sources, trail, logger } = this.#options;
    refusals.count(address);
    const remedy = remedies[reason];
    logger.warn({ address, reason, remedy }, 'stream refused');
    sources.refused({ source: 'websocket', sourceName: address }, address, { reason, remedy });
    await trail.write({
      actor,
      action: 'request-refused',
      target: { kind: 'route', id: 'openStream' },
      detail: { code, reason },
      address,
      outcome: 'refused',
    });
    throw new HttpProblem(code, remedy, {
      headers: code === 'unauthenticated' ? { 'WWW-Authenticate': 'Bearer realm="sidetone"' } : {},
    });
  }
}

function refuse(socket: Duplex, problem: HttpProblem): void {
  if (socket.destroyed) return;
  const body = JSON.stringify(problem.body());
  const headers = {
    ...problem.headers,
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
  // Node's server has given it up: of whoever does not close as well nobody else would rid us.
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
