import { resolve } from 'node:path';
import { z } from 'zod';
import type { ExportRecord, StoredExport } from '#db/types.ts';
import { newId } from '#lib/ids.ts';
import type { ExportedCall } from '../exports/table.ts';
import { manifestName, writeExport } from '../exports/writer.ts';
import { parseByteRange } from '../http/byte-range.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type AnyRequest, type Reply, type Route } from '../http/route.ts';
import { findCall } from './call-view.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { after, callId, id, isoTime, limit, one, page } from './schemas/common.ts';
import { exportDetail, exportRecord } from './schemas/lists.ts';

const scope = z.union([z.strictObject({ callId }), z.strictObject({ from: isoTime, to: isoTime })], {
  error: 'needs either callId, a UUID, or both from and to, ISO 8601 with an offset or Z',
});
type Scope = z.output<typeof scope>;
const exportParams = z.object({ exportId: id });

export function exportRoutes(context: ApiContext): readonly Route[] {
  const { database, archive } = context;
  const find = async (exportId: string): Promise<StoredExport> => {
    const found = await database.exports.get(exportId);
    if (found === undefined) throw new HttpProblem('not-found', 'there is no such export');
    return found;
  };
  return [
    route({
      id: 'makeExport',
      method: 'post',
      path: '/api/v1/exports',
      tag: 'Exports',
      summary: 'Exports a call, or the calls that began in a period: CSV, JSONL, redacted WAV and a manifest',
      access: 'admin',
      body: scope,
      audit: {
        kind: 'change',
        action: 'export-requested',
        target: ({ body }) => ('callId' in body ? { kind: 'call', id: body.callId } : { kind: 'export', id: 'period' }),
        detail: ({ body }) => ({ ...body }),
      },
      responses: { 201: jsonOf('The export and its files', exportDetail), ...problems(400, 401, 403, 404, 503) },
      handle: (request) => makeExport(context, request, request.body),
    }),
    route({
      id: 'listExports',
      method: 'get',
      path: '/api/v1/exports',
      tag: 'Exports',
      summary: 'Exports, newest first',
      access: 'admin',
      query: z.object({ limit: one(limit), after: one(after) }),
      audit: { kind: 'read', action: 'exports-listed' },
      responses: { 200: jsonOf('A page of exports', page(exportRecord)), ...problems(400, 401, 403, 503) },
      handle: async ({ query }) => json(await database.exports.list(query)),
    }),
    route({
      id: 'getExport',
      method: 'get',
      path: '/api/v1/exports/{exportId}',
      tag: 'Exports',
      summary: 'One export and its files; none when a call in it has since been erased or redacted further',
      access: 'admin',
      params: exportParams,
      audit: {
        kind: 'read',
        action: 'export-opened',
        target: ({ params }) => ({ kind: 'export', id: params.exportId }),
      },
      responses: { 200: jsonOf('The export', exportDetail), ...problems(401, 403, 404, 503) },
      handle: async ({ params }) => json(await view(context, await find(params.exportId))),
    }),
    route({
      id: 'getExportFile',
      method: 'get',
      path: '/api/v1/exports/{exportId}/files/{name}',
      tag: 'Exports',
      summary: 'One file of an export',
      access: 'admin',
      params: exportParams.extend({ name: z.string().regex(/^[\w.-]{1,120}$/, 'not a file name') }),
      audit: {
        kind: 'read',
        action: 'export-downloaded',
        target: ({ params }) => ({ kind: 'export', id: params.exportId }),
        detail: ({ params }) => ({ file: params.name }),
      },
      responses: {
        200: { description: 'The file', content: { 'application/octet-stream': z.string() } },
        ...problems(401, 403, 404, 503),
      },
      handle: async ({ params, header }) => {
        const { goneBecause } = await find(params.exportId);
        if (goneBecause !== null) throw new HttpProblem('not-found', goneWords[goneBecause]);
        const file = await archive.find(params.exportId, params.name);
        if (file === undefined) throw new HttpProblem('not-found', 'the export has no such file on this server');
        const range = parseByteRange(header('range'), file.bytes);
        if (range === 'unsatisfiable') throw new HttpProblem('range-not-satisfiable', 'the file is shorter than that');
        return {
          kind: 'file',
          path: file.path,
          contentType: 'application/octet-stream',
          start: range?.start ?? 0,
          end: range?.end ?? file.bytes - 1,
          size: file.bytes,
          partial: range !== undefined,
          headers: { 'Content-Disposition': `attachment; filename="${params.name}"` },
        };
      },
    }),
  ];
}

async function makeExport(context: ApiContext, request: AnyRequest, asked: Scope): Promise<Reply> {
  const { database, archive, clock, trail, config } = context;
  const exportId = newId(clock.nowEpochMs());
  const madeAt = new Date(clock.nowEpochMs()).toISOString();
  const onRecord = (
    action: 'call-exported' | 'export-made',
    target: { kind: 'call' | 'export'; id: string },
    detail: Record<string, string | number>,
  ) =>
    trail.write({
      actor: request.actor,
      action,
      target,
      detail: { ...detail, ...request.claim },
      address: request.address,
      outcome: 'allowed',
    });
  // Each call that goes out has a row of its own, written before its content is: "who had this call?" finds it.
  const taken = async function* (): AsyncGenerator<ExportedCall> {
    for await (const wantedId of callIdsOf(context, asked)) {
      // Before it is read: what becomes of the call from now on is held against the export.
      await database.exports.hold(exportId, wantedId);
      const detail = await database.calls.get(wantedId);
      if (detail === undefined) continue;
      await onRecord('call-exported', { kind: 'call', id: detail.call.callId }, { exportId });
      yield { detail, utterances: await database.calls.transcript(detail.call.callId) };
    }
  };
  const { manifest, manifestFile } = await writeExport(
    archive.folderOf(exportId),
    { exportId, madeBy: request.actor, madeAt, scope: asked },
    taken(),
    ({ detail: { recording } }) => (recording?.path ? resolve(config.dataDir, recording.path) : undefined),
  );
  const record: ExportRecord = {
    exportId,
    madeBy: request.actor,
    madeAt,
    scope: asked,
    calls: manifest.calls.length,
    files: manifest.files.length + 1,
    bytes: manifest.files.reduce((sum, file) => sum + file.bytes, manifestFile.bytes),
    manifestSha256: manifestFile.sha256,
  };
  const { calls, bytes, manifestSha256 } = record;
  await onRecord('export-made', { kind: 'export', id: exportId }, { calls, bytes, manifestSha256 });
  await database.exports.add(record);
  // A call in it may have been redacted further while it was being written.
  const stored = (await database.exports.get(exportId)) ?? { ...record, goneBecause: null, correctedAt: null };
  if (stored.goneBecause !== null) await archive.remove(exportId);
  return json(await view(context, stored), 201);
}

/** Calls still running are left out of a period, and refused one by one: half a call is no evidence. */
async function* callIdsOf(context: ApiContext, asked: Scope): AsyncGenerator<string> {
  if ('callId' in asked) {
    const state = await findCall(context, asked.callId);
    if (state.live) throw new HttpProblem('conflict', 'the call is still running: export it when it has ended');
    yield state.call.callId;
    return;
  }
  let next: string | undefined;
  do {
    const found = await context.database.calls.list({ ...asked, state: 'ended', limit: 200, after: next });
    for (const { call } of found.items) {
      if (!context.hub.isLive(call.callId)) yield call.callId;
    }
    next = found.next ?? undefined;
  } while (next !== undefined);
}

const goneWords = {
  'call-deleted': 'its files are gone: a call in it has been deleted',
  'late-redaction': 'its files are gone: something in a call of it was redacted after it was made; export anew',
  'consent-withdrawn': 'its files are gone: somebody who was named in it by their voice took that back; export anew',
} as const;

async function view(context: ApiContext, record: StoredExport): Promise<z.input<typeof exportDetail>> {
  const manifest = record.goneBecause === null ? await context.archive.manifestOf(record.exportId) : undefined;
  const own = { path: manifestName, bytes: null, sha256: record.manifestSha256 };
  return {
    ...record,
    scope: record.scope as z.input<typeof exportRecord>['scope'],
    available: manifest !== undefined,
    items: manifest === undefined ? [] : [...manifest.files, own],
  };
}
