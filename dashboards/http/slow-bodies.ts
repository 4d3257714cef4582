import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';

/** How long a body may take to come; one that is read as it comes (an upload) may stand still for as long. */
const patienceMs = 30_000;
/** After an answer that did not wait for the whole body: its sender has this long to read it. */
const lingerMs = 5000;

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Instead of Node's `requestTimeout`, which knows no exceptions: requests whose body does not come are let go. */
export const hurryBodies: RequestHandler = (request, response, next) => {
  const letGoAfter = (ms: number): void => {
    clearTimeout(timers.get(request));
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, ms);
    timers.set(request, timer.unref());
  };
  letGoAfter(patienceMs);
  response.once('close', () => {
    if (request.complete) clearTimeout(timers.get(request));
    else letGoAfter(lingerMs);
  });
  next();
};

/** The body is large and will be read as it comes. */
export function takeTime(request: IncomingMessage): void {
  clearTimeout(timers.get(request));
  request.setTimeout(patienceMs, () => {
    if (!request.complete) request.socket.destroy();
  });
}
