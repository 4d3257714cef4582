import { z } from 'zod';
import { callId } from './common.ts';

const uuid = z
  .string()
  .regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i, 'not a UUID')
  .toLowerCase()
  .meta({ description: 'As its socket gives it' });
const person = z
  .strictObject({
    uri: z
      .string()
      .max(256)
      .regex(/^(?:sips?|tel):[^\s<>"]+$/i, 'not a sip: or tel: URI')
      .nullable()
      .default(null),
    displayName: z.string().trim().min(1).max(256).nullable().default(null),
  })
  .meta({ id: 'StreamPerson' });

export const streamPair = z
  .strictObject({
    callerUuid: uuid,
    calleeUuid: uuid,
    caller: person.optional(),
    callee: person.optional(),
    sipCallIds: z
      .array(z.string().min(1).max(256))
      .max(8)
      .default([])
      .meta({ description: 'What else the PBX calls the call: it is found by these' }),
    source: z.string().trim().min(1).max(200).optional().meta({ description: 'Default: the name of the key' }),
  })
  .meta({ id: 'StreamPair' });

export const streamPairAnswer = z.object({ callId }).meta({ id: 'StreamPairAnswer' });
