import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { z } from 'zod';
import type { Call } from '#analytics/types.ts';
import type { RecordingReport } from '#media/types.ts';
import { systemCode } from '#lib/errors.ts';
import { isOpenEnded, parseByteRange } from '../http/byte-range.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type Reply, type Route } from '../http/route.ts';
import { findCall } from './call-view.ts';
import { callParams, callTarget } from './calls.ts';
import { channelsOf } from './recording-channels.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { peaks, peaksOf } from './schemas/peaks.ts';
import { readWavLayout, secondAt, type WavLayout } from './wav-layout.ts';

/**
 * A player asks for `bytes=N-` and stops reading when it has enough, so what was asked for says little about what was
 * heard. It gets at most this much at once (RFC 9110 section 15.3.7 allows less than was asked for) and asks again as it
 * plays on: the audit trail then says from when to when to within this long.
 */
const openRangeS = 10;

export function recordingRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'getRecording',
      method: 'get',
      path: '/api/v1/calls/{callId}/recording',
      tag: 'Calls',
      summary:
        'The redacted recording: WAV, 8 kHz mu-law, two channels (`recording.channels` of the call says who is in ' +
        'which); Range is understood',
      access: 'reader',
      params: callParams,
      audit: { kind: 'read', action: 'recording-played', target: callTarget },
      responses: {
        200: { description: 'The whole file', content: { 'audio/wav': z.string() } },
        206: {
          description: `What was asked for; of an open range (\`bytes=N-\`) at most ${openRangeS} s of sound`,
          content: { 'audio/wav': z.string() },
        },
        ...problems(401, 404, 416, 503),
      },
      handle: async ({ params, header, record }) => {
        const { report } = await recordingOf(context, params.callId);
        const path = inside(context.config.dataDir, report.path);
        const layout = await orMissing(readWavLayout(path));
        const { start, end, partial } = span(header('range'), layout);
        record({ fromS: secondAt(layout, start), toS: secondAt(layout, end + 1), wholeFile: !partial });
        const size = layout.sizeBytes;
        const name = `sidetone-${params.callId}.wav`;
        const headers = { 'Content-Disposition': `inline; filename="${name}"` };
        return { kind: 'file', path, contentType: 'audio/wav', start, end, size, partial, headers } satisfies Reply;
      },
    }),
    route({
      id: 'reportPlayed',
      method: 'post',
      path: '/api/v1/calls/{callId}/played',
      tag: 'Calls',
      summary:
        'A player says which stretch was heard: it fetches ahead, so the server by itself knows only what it sent',
      access: 'reader',
      params: callParams,
      body: z.strictObject({ fromS: z.number().min(0), toS: z.number().min(0) }),
      audit: {
        kind: 'change',
        action: 'recording-listened',
        target: callTarget,
        detail: ({ body }) => ({ ...body, saidBy: 'player' }),
      },
      responses: { 204: { description: 'On record', content: {} }, ...problems(400, 401, 503) },
      handle: () => ({ kind: 'empty' }),
    }),
    route({
      id: 'getPeaks',
      method: 'get',
      path: '/api/v1/calls/{callId}/peaks',
      tag: 'Calls',
      summary: 'The waveform, from the redacted samples',
      access: 'reader',
      params: callParams,
      audit: { kind: 'read', action: 'waveform-read', target: callTarget },
      responses: { 200: jsonOf('The peaks', peaks), ...problems(401, 404, 503) },
      handle: async ({ params }) => {
        const { report, call } = await recordingOf(context, params.callId);
        const text = await orMissing(readFile(inside(context.config.dataDir, report.peaksPath), 'utf8'));
        return json(peaksOf(JSON.parse(text), call.sidesSwapped, channelsOf(call)));
      },
    }),
  ];
}

/** @throws HttpProblem `not-found` */
async function recordingOf(
  context: ApiContext,
  callId: string,
): Promise<{ readonly report: RecordingReport; readonly call: Call }> {
  const { call, recording, live } = await findCall(context, callId);
  if (live) throw new HttpProblem('not-found', 'the recording can be fetched when the call has ended');
  if (recording === null) throw new HttpProblem('not-found', 'the call has no recording');
  return { report: recording, call };
}

/** The database says where the file lies; a path that leads out of the data directory is not followed. */
function inside(dataDir: string, path: string | null): string {
  if (path === null) throw new HttpProblem('not-found', 'the call has no recording');
  const whole = resolve(dataDir, path);
  if (!whole.startsWith(resolve(dataDir) + sep)) throw new HttpProblem('not-found', 'the recording is not there');
  return whole;
}

async function orMissing<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
    throw new HttpProblem('not-found', 'the recording is not there', { cause: thrown });
  }
}

function span(range: string | undefined, layout: WavLayout): { start: number; end: number; partial: boolean } {
  const size = layout.sizeBytes;
  const asked = parseByteRange(range, size);
  if (asked === undefined) return { start: 0, end: size - 1, partial: false };
  if (asked === 'unsatisfiable') {
    throw new HttpProblem('range-not-satisfiable', 'the recording is shorter than that', {
      headers: { 'Content-Range': `bytes */${size}` },
    });
  }
  const furthest = isOpenEnded(range) ? asked.start + openRangeS * layout.bytesPerSecond - 1 : asked.end;
  return { start: asked.start, end: Math.min(asked.end, furthest), partial: true };
}
