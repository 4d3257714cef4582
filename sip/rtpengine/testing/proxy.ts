import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/**
 * A SIP proxy as rtpengine sees one: it has the descriptions of a call's two phones rewritten. It speaks the JSON form of
 * the ng protocol, so that nothing of ours has a hand in it.
 */
export class Proxy {
  readonly #socket: Socket;
  readonly #ngPort: number;
  #count = 0;

  private constructor(socket: Socket, ngPort: number) {
    this.#socket = socket;
    this.#ngPort = ngPort;
  }

  static async open(ngPort: number): Promise<Proxy> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Proxy(socket, ngPort);
  }

  /** @returns rtpengine's answer; throws its reason */
  async ask(command: string, fields: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const cookie = `proxy${++this.#count}`;
    const answer = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`rtpengine left ${command} unanswered`)), 3000);
      const hear = (datagram: Buffer): void => {
        const text = datagram.toString();
        if (!text.startsWith(`${cookie} `)) return;
        clearTimeout(timer);
        this.#socket.off('message', hear);
        resolve(text.slice(cookie.length + 1));
      };
      this.#socket.on('message', hear);
    });
    this.#socket.send(`${cookie} ${JSON.stringify({ command, ...fields })}`, this.#ngPort, '127.0.0.1');
    const reply = JSON.parse(await answer) as Record<string, unknown>;
    if (reply['result'] !== 'ok') throw new Error(String(reply['error-reason']));
    return reply;
  }

  /** As for an INVITE that passes. @returns the port that the called phone is told. */
  async offer(callId: string, fromTag: string, sdp: string, more: object = {}): Promise<number> {
    return portIn(await this.ask('offer', { 'call-id': callId, 'from-tag': fromTag, sdp, ...more }));
  }

  /** As for its 200. @returns the port that the calling phone is told. */
  async answer(callId: string, fromTag: string, toTag: string, sdp: string, more: object = {}): Promise<number> {
    return portIn(await this.ask('answer', { 'call-id': callId, 'from-tag': fromTag, 'to-tag': toTag, sdp, ...more }));
  }

  /** As for a BYE. */
  async delete(callId: string, fromTag: string, toTag: string, delayS?: number): Promise<void> {
    await this.ask('delete', {
      'call-id': callId,
      'from-tag': fromTag,
      'to-tag': toTag,
      ...(delayS === undefined ? {} : { 'delete delay': delayS }),
    });
  }

  close(): void {
    this.#socket.close();
  }
}

function portIn(reply: Readonly<Record<string, unknown>>): number {
  return Number(/^m=audio (\d+)/m.exec(String(reply['sdp']))?.[1]);
}
