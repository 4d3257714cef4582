import type { LiveEvent } from '#analytics/types.ts';

export interface SseMessage {
  readonly event: string;
  readonly id: string;
  readonly data: string;
  readonly atEpochMs: number;
}

/** Reads server-sent events (WHATWG HTML section 9.2) until the stream ends or the signal aborts it. */
export async function* readSse(response: Response): AsyncGenerator<SseMessage> {
  if (response.body === null) return;
  let pending = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    pending += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const message = parseBlock(block);
      if (message !== undefined) yield message;
    }
  }
}

/** Collects the live events of a stream in the background, with the time each came. */
export class SseWatcher {
  readonly messages: SseMessage[] = [];
  readonly #abort = new AbortController();

  static async open(get: (path: string, init: RequestInit) => Promise<Response>, path: string): Promise<SseWatcher> {
    const watcher = new SseWatcher();
    const response = await get(path, { signal: watcher.#abort.signal, headers: { Accept: 'text/event-stream' } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    void watcher.#collect(response);
    return watcher;
  }

  /** The live events so far. */
  get events(): readonly LiveEvent[] {
    return this.messages.map(({ data }) => JSON.parse(data) as LiveEvent);
  }

  close(): void {
    this.#abort.abort();
  }

  async #collect(response: Response): Promise<void> {
    try {
      for await (const message of readSse(response)) this.messages.push(message);
    } catch {
      // Aborted by `close`, or the server went away: what came so far stands.
    }
  }
}

function parseBlock(block: string): SseMessage | undefined {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    fields[name] = name in fields ? `${fields[name] ?? ''}\n${value}` : value;
  }
  const { event = 'message', id = '', data } = fields;
  return data === undefined ? undefined : { event, id, data, atEpochMs: Date.now() };
}
