import { createServer, type Server } from 'node:net';
import { once } from '#lib/closing.ts';
import { AppLink, type AppLinkEvents, type AppLinkOptions } from './app-link.ts';

/** Listens for the application on 127.0.0.1. The newest application that handles a method is given its requests. */
export class ControlServer {
  readonly #server: Server;
  /** Those too that have not authenticated: they are not `connected`. */
  readonly #links = new Set<AppLink>();
  readonly close = once(async () => {
    for (const link of this.#links) link.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  });

  private constructor(server: Server, options: AppLinkOptions, events: AppLinkEvents) {
    this.#server = server;
    server.on('connection', (socket) => {
      const link = new AppLink(socket, options, {
        sip: (from, command) => events.sip(from, command),
        closed: (from) => {
          this.#links.delete(from);
          events.closed(from);
        },
      });
      this.#links.add(link);
    });
  }

  static listen(options: AppLinkOptions, events: AppLinkEvents): Promise<ControlServer> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        server.off('error', reject);
        resolve(new ControlServer(server, options, events));
      });
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  /** The application for a request outside a dialog; undefined when none handles the method. */
  linkFor(method: string): AppLink | undefined {
    let found: AppLink | undefined;
    for (const link of this.#links) if (link.connected && link.methods.has(method)) found = link;
    return found;
  }

  /** Any application at all: for a dialog whose own is gone. */
  get anyLink(): AppLink | undefined {
    let found: AppLink | undefined;
    for (const link of this.#links) if (link.connected) found = link;
    return found;
  }

  /** What some application handles. */
  get methods(): ReadonlySet<string> {
    const methods = new Set<string>();
    for (const link of this.#links) for (const method of link.methods) methods.add(method);
    return methods;
  }
}
