import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { systemCode, toError } from '#lib/errors.ts';
import { HttpProblem } from './problems.ts';
import type { FileReply, Reply } from './route.ts';

/** Sends what a handler gave. Event streams are the mount's own business. */
export async function sendReply(reply: Exclude<Reply, { kind: 'events' }> | Reply, response: Response): Promise<void> {
  if (reply.kind === 'events') throw new Error('an event stream needs an audit rule of kind watch');
  response.set({ ...reply.headers });
  switch (reply.kind) {
    case 'json':
      response.status(reply.status ?? 200).json(reply.body);
      return;
    case 'text':
      response.status(200).type(reply.contentType).send(reply.body);
      return;
    case 'empty':
      response.status(204).end();
      return;
    case 'file':
      await sendFile(reply, response);
      return;
    default:
      reply satisfies never;
  }
}

async function sendFile(reply: FileReply, response: Response): Promise<void> {
  response.status(reply.partial ? 206 : 200).set({
    'Content-Type': reply.contentType,
    'Content-Length': String(reply.end - reply.start + 1),
    'Accept-Ranges': 'bytes',
    ...(reply.partial ? { 'Content-Range': `bytes ${reply.start}-${reply.end}/${reply.size}` } : {}),
  });
  if (reply.size === 0 || response.req.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await pipeline(createReadStream(reply.path, { start: reply.start, end: reply.end }), response);
  } catch (thrown) {
    // The client went away in the middle: nothing is wrong with us.
    if (systemCode(thrown) === 'ERR_STREAM_PREMATURE_CLOSE' || response.destroyed) return;
    if (response.headersSent) throw toError(thrown);
    throw new HttpProblem('not-found', 'the file is not there', { cause: thrown });
  }
}
