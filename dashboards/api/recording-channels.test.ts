import { expect, test } from 'vitest';
import type { StreamReport } from '#media/types.ts';
import type { PartySide } from '#sip/types.ts';
import { exampleRow } from '#test/dashboards/example-call.ts';
import { channelsOf } from './recording-channels.ts';

const heard = (...sides: readonly PartySide[]) => Object.fromEntries(sides.map((side) => [side, {} as StreamReport]));
const row = exampleRow('c', 0);

test.each([
  ['two legs', ['caller', 'callee'], false, { left: ['caller'], right: ['callee'] }],
  ['two legs, put right', ['caller', 'callee'], true, { left: ['callee'], right: ['caller'] }],
  ['a third', ['caller', 'callee', 'other'], false, { left: ['caller'], right: ['callee', 'other'] }],
  ['a third, put right', ['caller', 'callee', 'other'], true, { left: ['callee'], right: ['caller', 'other'] }],
  ['one stream of all', ['mixed'], false, { left: ['mixed'], right: ['mixed'] }],
] as const)('%s', (_name, sides, sidesSwapped, channels) => {
  expect(channelsOf({ ...row, streams: heard(...sides), sidesSwapped })).toEqual(channels);
});

test('where no stream is on record, who took part', () => {
  expect(channelsOf(row)).toEqual({ left: ['caller'], right: ['callee'] });
  expect(channelsOf({ ...row, parties: [] })).toEqual({ left: ['caller'], right: ['callee'] });
});
