import { z } from 'zod';
import { isUnspecified } from '#lib/addresses.ts';
import type { Config } from '#lib/config/schema.ts';
import type { StreamReport } from '#media/types.ts';
import { partySides, type SourceState } from '#sip/types.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type Route } from '../http/route.ts';
import { findCall } from './call-view.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { one } from './schemas/common.ts';
import { sources, type LegQuality, type SourceItem, type SourcesAnswer } from './schemas/sources.ts';

const limit = z.coerce.number().int().min(1).max(1000).default(100).meta({ description: '1 to 1000' });

export function sourcesRoute(context: ApiContext): Route {
  return route({
    id: 'listSources',
    method: 'get',
    path: '/api/v1/sources',
    tag: 'Server',
    summary:
      'What sends us calls: last seen, calls, refusals and what was amiss with taken calls, each with its remedy, the ' +
      'last SIP dialog, quality of sound',
    access: 'admin',
    query: z.object({ limit: one(limit) }),
    audit: { kind: 'read', action: 'sources-listed' },
    responses: { 200: jsonOf('Those seen since the start of the server', sources), ...problems(400, 401, 403, 503) },
    handle: async ({ query }) => {
      const items: SourceItem[] = [];
      for (const state of context.sources.list().slice(0, query.limit)) items.push(await itemOf(context, state));
      return json({
        since: new Date(context.sources.sinceEpochMs).toISOString(),
        offered: offeredBy(context.config),
        bindings: [...context.calls.bindings],
        items,
        next: null,
      } satisfies SourcesAnswer);
    },
  });
}

function offeredBy({ advertiseAddress, sip }: Config): SourcesAnswer['offered'] {
  if (advertiseAddress !== undefined) return { address: advertiseAddress, chosenBy: 'advertise-address' };
  return isUnspecified(sip.host)
    ? { address: null, chosenBy: 'route-to-peer' }
    : { address: sip.host, chosenBy: 'bound-address' };
}

async function itemOf(context: ApiContext, state: SourceState): Promise<SourceItem> {
  const { source, sourceName, addresses, callsNow, calls } = state;
  return {
    source,
    sourceName,
    firstSeenAt: new Date(state.firstSeenEpochMs).toISOString(),
    lastSeenAt: new Date(state.lastSeenEpochMs).toISOString(),
    addresses: [...addresses],
    callsNow,
    calls,
    refused: state.refused.map(({ reason, remedy, count, lastEpochMs }) => ({
      reason,
      remedy,
      count,
      lastAt: new Date(lastEpochMs).toISOString(),
    })),
    remarks: state.remarks.map(({ reason, remedy, count, lastEpochMs, lastCallId }) => ({
      reason,
      remedy,
      count,
      lastAt: new Date(lastEpochMs).toISOString(),
      lastCallId,
    })),
    ladder: state.ladder.map(({ atEpochMs, ...message }) => ({ at: new Date(atEpochMs).toISOString(), ...message })),
    lastCall: state.lastCallId === null ? null : await lastCallOf(context, state.lastCallId),
  };
}

/** Null: it has been deleted since, or is not stored yet. */
async function lastCallOf(context: ApiContext, callId: string): Promise<SourceItem['lastCall']> {
  const state = await findCall(context, callId).catch((thrown: unknown) => {
    if (thrown instanceof HttpProblem && thrown.code === 'not-found') return undefined;
    throw thrown;
  });
  if (state === undefined) return null;
  const { startedAt, streams } = state.call;
  const legs: Partial<Record<(typeof partySides)[number], LegQuality>> = {};
  for (const side of partySides) {
    const report = streams?.[side];
    if (report !== undefined) legs[side] = legOf(report);
  }
  return { callId, startedAt, live: state.live, legs: streams === null ? null : legs };
}

function legOf({ packets, lostPackets, jitterMeanMs, jitterMaxMs, mos }: StreamReport): LegQuality {
  const sent = packets + lostPackets;
  return { packets, lostFraction: sent === 0 ? null : lostPackets / sent, jitterMeanMs, jitterMaxMs, mos };
}
