import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';

interface Patience {
  /** How long a body may take to come; one that is read as it comes (an upload) may stand still for as long. */
  readonly bodyMs: number;
  /** After an answer that did not wait for the whole body: how long its sender has to read it. */
  readonly lingerMs: number;
}

const takingTime = new WeakMap<IncomingMessage, () => void>();

/** Instead of Node's `requestTimeout`, which knows no exceptions: requests whose body does not come are let go. */
export function hurryBodies({ bodyMs, lingerMs }: Patience): RequestHandler {
  return (request, response, next) => {
    const letGo = (): void => {
      if (!request.complete) request.socket.destroy();
    };
    let timer = setTimeout(letGo, bodyMs).unref();
    takingTime.set(request, () => {
      clearTimeout(timer);
      request.setTimeout(bodyMs, letGo);
    });
    response.once('close', () => {
      clearTimeout(timer);
      if (!request.complete) timer = setTimeout(letGo, lingerMs).unref();
    });
    next();
  };
}

/** The body is large and will be read as it comes. */
export function takeTime(request: IncomingMessage): void {
  takingTime.get(request)?.();
}
