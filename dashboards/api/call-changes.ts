import { z } from 'zod';
import type { CallCorrection } from '#analytics/types.ts';
import type { Actor, Json } from '#db/types.ts';
import { otherSide, type Party, type PartySide } from '#sip/types.ts';
import { claimedName } from '../auth/on-behalf-of.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type Route } from '../http/route.ts';
import { callAnswer } from './answers.ts';
import { findCall } from './call-view.ts';
import { callParams, callTarget } from './calls.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { partyRole, partySide } from './schemas/call.ts';
import { callDetail, pausing } from './schemas/lists.ts';

/** As a transcript shows it: in one line. */
const speakerName = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}]{1,100}$/u, 'one line of at most 100 characters');
const correction = z
  .strictObject({
    swapSides: z.boolean().default(false).meta({ description: 'Caller and callee were the wrong way round' }),
    roles: z.record(z.string().max(200), partyRole).default({}).meta({ description: 'By partyId' }),
    speakers: z
      .array(z.strictObject({ side: partySide, label: z.string().max(20), name: speakerName.nullable() }))
      .max(100)
      .default([])
      .meta({
        description:
          'Who it is that is told apart on a side, by `voice.label`; null: nobody knows. What a person says goes before ' +
          'what a voiceprint does',
      }),
  })
  .refine(({ swapSides, roles, speakers }) => swapSides || Object.keys(roles).length > 0 || speakers.length > 0, {
    error: 'says nothing to put right: swapSides, roles by partyId, or speakers',
  })
  .meta({ id: 'CallCorrection' });

/** What people do to a call while it runs, and what they put right afterwards. */
export function callChangeRoutes(context: ApiContext): readonly Route[] {
  return [
    pauseRoute(context, true),
    pauseRoute(context, false),
    route({
      id: 'correctCall',
      method: 'patch',
      path: '/api/v1/calls/{callId}',
      tag: 'Calls',
      summary:
        'Puts right who is who on a call that has ended; transcript, findings, metrics and search follow, the recording ' +
        'stays as it is and `recording.channels` says who is where',
      access: 'admin',
      params: callParams,
      body: correction,
      audit: {
        kind: 'change',
        action: 'call-corrected',
        target: callTarget,
        detail: async ({ params, body }) => beforeAndAfter(context, params.callId, body),
      },
      responses: { 200: jsonOf('The call as it is now', callDetail), ...problems(400, 401, 403, 404, 409, 503) },
      handle: async ({ params, body }) => {
        const { live } = await findCall(context, params.callId);
        if (live) throw new HttpProblem('conflict', 'the call is still running: put it right when it has ended');
        await context.corrections.correct(params.callId, body);
        return json(callAnswer(await findCall(context, params.callId)));
      },
    }),
  ];
}

function pauseRoute(context: ApiContext, paused: boolean): Route {
  return route({
    id: paused ? 'pauseCall' : 'resumeCall',
    method: 'post',
    path: `/api/v1/calls/{callId}/${paused ? 'pause' : 'resume'}`,
    tag: 'Live',
    summary: paused
      ? 'Stops recording and transcription of a running call; the talk itself does not notice, and the times go on'
      : 'Lets recording and transcription of a running call go on',
    access: 'sender',
    params: callParams,
    audit: { kind: 'change', action: paused ? 'call-paused' : 'call-resumed', target: callTarget },
    responses: { 200: jsonOf('It is so, also if it was before', pausing), ...problems(401, 403, 404, 409, 503) },
    handle: async ({ params, actor, claim }) => {
      const { live } = await findCall(context, params.callId);
      if (!live || !context.calls.pause(params.callId, paused, whoAsks(actor, claim))) {
        throw new HttpProblem('conflict', 'the call is over: there is nothing to pause or to resume');
      }
      return json({ callId: params.callId, paused });
    },
  });
}

/** `first start, for maria (unverified)`: of a key that many share, as the audit log has it. */
function whoAsks(actor: Actor, claim: Readonly<Record<string, Json>>): string {
  const name = claimedName(claim);
  return name === undefined ? actor.name : `${actor.name}, for ${name} (unverified)`;
}

/** What the call says of its parties, and what it is to say; without either where there is no such call. */
async function beforeAndAfter(
  context: ApiContext,
  id: string,
  { swapSides, roles, speakers = [] }: CallCorrection,
): Promise<Readonly<Record<string, Json>>> {
  const parties = await findCall(context, id).then(
    ({ call }) => call.parties,
    () => [],
  );
  const sideAfter = (side: PartySide): PartySide =>
    swapSides && (side === 'caller' || side === 'callee') ? otherSide(side) : side;
  const after = (party: Party): Party => ({
    ...party,
    side: sideAfter(party.side),
    role: roles[party.partyId] ?? party.role,
  });
  const named = speakers.map(({ side, label }) => `${side} ${label}`);
  return {
    swapSides,
    ...(named.length === 0 ? {} : { speakersNamed: named }),
    before: parties.map(whoIsWho),
    after: parties.map(after).map(whoIsWho),
  };
}

function whoIsWho({ partyId, side, role }: Party): Readonly<Record<string, string>> {
  return { partyId, side, role };
}
