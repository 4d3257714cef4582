import type { CallFeed, FromSample } from './call-feed.ts';
import { FeedConnection } from './feed-connection.ts';

/** The connections of one worker to recogniser processes, by socket path, and the calls that each carries. */
export class FeedHub {
  readonly #connections = new Map<string, { readonly connection: FeedConnection; readonly feeds: Set<CallFeed> }>();
  lostConnections = 0;

  attach(feed: CallFeed, socketPath: string, fromSample: FromSample): void {
    this.forget(feed);
    const known = this.#connections.get(socketPath);
    const entry = known === undefined || known.connection.closed ? this.#connect(socketPath) : known;
    entry.feeds.add(feed);
    feed.attach(entry.connection, fromSample);
  }

  /** The call needs no feed any more. A connection without calls stays: the next call uses it. */
  forget(feed: CallFeed): void {
    for (const { feeds } of this.#connections.values()) feeds.delete(feed);
    feed.detach();
  }

  close(): void {
    for (const { connection } of this.#connections.values()) connection.end();
    this.#connections.clear();
  }

  #connect(socketPath: string): { readonly connection: FeedConnection; readonly feeds: Set<CallFeed> } {
    const feeds = new Set<CallFeed>();
    const connection = new FeedConnection(socketPath, {
      drained: () => feeds.forEach((feed) => feed.drained()),
      closed: () => {
        this.lostConnections++;
        if (this.#connections.get(socketPath)?.connection === connection) this.#connections.delete(socketPath);
        feeds.forEach((feed) => feed.detach());
        feeds.clear();
      },
    });
    const entry = { connection, feeds };
    this.#connections.set(socketPath, entry);
    return entry;
  }
}
