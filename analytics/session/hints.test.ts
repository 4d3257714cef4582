import { expect, test } from 'vitest';
import { configSchema } from '#lib/config/schema.ts';
import { hintsOf } from './hints.ts';

const config = configSchema.parse({
  asr: { phrases: ['Blue Harbour', 'Okonkwo'] },
  trunks: [{ name: 'pbx', language: 'de', phrases: ['Zephyr Desk'] }],
});
const ringing = {
  type: 'ringing',
  callId: 'c',
  atEpochMs: 0,
  source: 'b2bua',
  sourceName: 'pbx',
  sipCallIds: [],
  parties: [],
  record: 'all',
  headers: {},
} as const;

test('the nearer to the call a phrase was listed, the earlier it stands', () => {
  expect(hintsOf({ ...ringing, phrases: ['Ms Adeyemi'] }, config, ['okonkwo', 'Tarn'])).toEqual({
    language: 'de',
    phrases: ['Ms Adeyemi', 'Zephyr Desk', 'okonkwo', 'Tarn', 'Blue Harbour'],
  });
  expect(hintsOf({ ...ringing, sourceName: 'other', language: 'fr' }, config, [])).toEqual({
    language: 'fr',
    phrases: ['Blue Harbour', 'Okonkwo'],
  });
});

test('of a call about which nobody has said anything, nothing is told', () => {
  expect(hintsOf({ ...ringing, sourceName: 'other' }, configSchema.parse({}), [])).toEqual({});
});
