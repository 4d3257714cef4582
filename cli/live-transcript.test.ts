import { stripVTControlCharacters } from 'node:util';
import { Writable } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import type { Redaction } from '#analytics/types.ts';
import { LiveTranscript } from './live-transcript.ts';

let written: string;
let transcript: LiveTranscript;
beforeEach(() => {
  written = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += stripVTControlCharacters(chunk.toString());
      done();
    },
  });
  transcript = new LiveTranscript(out as NodeJS.WriteStream);
});

test('a redaction is told once, and again only when it has grown', () => {
  const card: Redaction = {
    redactionId: 'r1',
    callId: 'c',
    kind: 'card',
    side: 'mixed',
    startMs: 5000,
    endMs: 8000,
    reason: 'card-passage',
  };
  const tell = (redaction: Redaction): void => transcript.show({ type: 'redaction', callId: 'c', redaction });
  tell(card);
  tell(card);
  tell({ ...card, redactionId: 'r2', startMs: 9000, endMs: 9500 });
  tell({ ...card, endMs: 8600 });
  expect(written.match(/0:\d\d\.\d to 0:\d\d\.\d/g)).toEqual([
    '0:05.0 to 0:08.0',
    '0:09.0 to 0:09.5',
    '0:05.0 to 0:08.6',
  ]);
});

test('talk is told of each side that there was', () => {
  const figure = {
    callId: 'c',
    durationMs: 60_000,
    overtalkMs: 0,
    nonTalkMs: 0,
    holdMs: 0,
    interruptionThresholdMs: 500,
  };
  const none = { talkSpeedWpm: {}, interruptions: {}, sentiment: {} };
  const talkMs = { caller: 20_000, callee: 10_000, other: 4500 };
  transcript.show({ type: 'metrics', callId: 'c', metrics: { ...figure, ...none, talkMs } });
  expect(written).toContain('Talk: caller 0:20.0, callee 0:10.0, other 0:04.5;');
});
