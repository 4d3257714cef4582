import { z } from 'zod';
import { HttpProblem } from '../http/problems.ts';
import { route, type Route } from '../http/route.ts';
import { problems } from './responses.ts';

/**
 * Describes what http/stream-door.ts and media/streams do, and answers those who come without a WebSocket: open, so that
 * no key in a path is looked at here, nor recorded with a refusal.
 */
export function streamRoutes(): readonly Route[] {
  const open = (id: string, path: string, params?: z.ZodObject): Route =>
    route({
      id,
      method: 'get',
      path,
      tag: 'Streams',
      summary:
        'WebSocket (RFC 6455) for sound: FreeSWITCH mod_audio_fork, jambonz, Twilio Media Streams. The API key as Bearer ' +
        'token, as password of Basic, as `?token=`, or as the last part of the path; none from `streams.allow`',
      access: 'open',
      ...(params === undefined ? {} : { params }),
      audit: { kind: 'none', because: 'the call that begins says whose it is; a refusal is on record' },
      responses: { 101: { description: 'The stream begins', content: {} }, ...problems(400, 401, 403, 429, 503) },
      handle: () => {
        throw new HttpProblem(
          'bad-request',
          'this address is for WebSockets alone: a proxy in front of it must pass Upgrade on',
          {
            headers: { Upgrade: 'websocket' },
          },
        );
      },
    });
  return [
    open('openStream', '/api/v1/streams'),
    open('openStreamByPath', '/api/v1/streams/{key}', z.object({ key: z.string() })),
  ];
}
