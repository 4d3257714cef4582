import { expect, test } from 'vitest';
import type { PieceText, SecondRecogniser, SoundPiece } from '#asr/types.ts';
import { configSchema } from '#lib/config/schema.ts';
import { SidetoneError } from '#lib/errors.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import type { RecordingReport } from '#media/types.ts';
import { copiedCall } from '../testing/samples.ts';
import type { LiveEvent, SecondPassOutcome, StoredCall, Utterance } from '../types.ts';
import { startSecondPass } from './second-pass.ts';

const { callId } = copiedCall;
const utterance = (
  side: 'caller' | 'callee',
  startMs: number,
  text: string,
  change: Partial<Utterance> = {},
): Utterance => {
  const words = text.split(' ').map((each, index) => {
    return { text: each, startMs: startMs + index * 400, endMs: startMs + index * 400 + 350, confidence: 0.5 };
  });
  const endMs = words.at(-1)?.endMs ?? startMs;
  const who = { callId, side, partyId: null, speaker: side, confidence: 0.5, language: 'en', sentiment: 0 };
  return { utteranceId: `${side} ${startMs}`, ...who, startMs, endMs, text, words, revision: 1, ...change };
};
const recording: RecordingReport = {
  path: 'recordings/a.wav',
  peaksPath: null,
  samples: 480_000,
  bytes: 960_044,
  sha256: null,
  silenced: [{ startSample: 10_200 * 8, endSample: 12_000 * 8 }],
  unredacted: [],
  failure: null,
};

/** One call in memory; `answers` are the recogniser's, in order: an error, or what it hears in every piece. */
function house(answers: readonly (string | Error)[], utterances: readonly Utterance[], swapped = false) {
  let stored: StoredCall = {
    call: { ...copiedCall, sidesSwapped: swapped },
    metrics: null,
    utterances,
    findings: [],
    redactions: [],
    earlier: [],
  };
  let due = { callId, attempts: 0, nextAtMs: 0 } as { callId: string; attempts: number; nextAtMs: number } | undefined;
  let nowMs = Date.parse('2026-01-02T00:00:00Z');
  const outcomes: SecondPassOutcome[] = [];
  const reads: string[] = [];
  const asked: SoundPiece[] = [];
  const written: unknown[] = [];
  const listeners = new Set<(event: LiveEvent) => void>();
  let open: readonly string[] = [];
  let turn = 0;
  const recogniser: SecondRecogniser = {
    model: 'https://secret@asr.example/v1/audio',
    recognise: (pieces) => {
      const answer = answers[turn] ?? 'nothing';
      turn += 1;
      if (answer instanceof Error) return Promise.reject(answer);
      asked.push(...pieces);
      return Promise.resolve(pieces.map(() => textOf(answer)));
    },
    close: () => Promise.resolve(),
  };
  const pass = startSecondPass({
    config: configSchema.parse({ asr: { phrases: ['Okonkwo'] } }),
    rules: [],
    archive: {
      load: () => Promise.resolve(stored),
      replace: (_before, after) => {
        stored = after;
        return Promise.resolve();
      },
    },
    store: { write: (op) => written.push(op) },
    recording: { redactLate: (_callId, ranges) => Promise.resolve({ ...recording, silenced: ranges }) },
    recogniser,
    addedPhrases: () => ['Tarn'],
    report: () => Promise.resolve(recording),
    readSound: (path, channel, { startSample, endSample }) => {
      reads.push(`${path} ${channel} ${startSample / 8} ${endSample / 8}`);
      return Promise.resolve(new Int16Array(endSample - startSample));
    },
    queue: {
      next: (_at, except = []) =>
        Promise.resolve(due !== undefined && due.nextAtMs <= nowMs && !except.includes(callId) ? due : undefined),
      waiting: () => Promise.resolve(due === undefined ? 0 : 1),
      settle: (_callId, outcome) => {
        outcomes.push(outcome);
        due =
          outcome.state === 'waiting'
            ? { callId, attempts: outcome.attempts, nextAtMs: Date.parse(outcome.nextAt) }
            : undefined;
        return Promise.resolve();
      },
    },
    openCalls: () => open,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    logger: silentLogger,
    metrics: createMetrics(),
    clock: { nowMs: () => nowMs, nowEpochMs: () => nowMs },
  });
  const settled = async (count: number): Promise<void> => {
    await expect.poll(() => outcomes.length).toBe(count);
  };
  const later = (ms: number): void => {
    nowMs += ms;
    for (const listener of listeners) listener({ type: 'end', callId });
  };
  const hold = (ids: readonly string[]): void => {
    open = ids;
  };
  return { pass, outcomes, reads, asked, written, settled, later, hold, stored: () => stored };
}

function textOf(text: string): PieceText {
  const words = text.split(' ').map((each, index) => {
    return { text: each, startMs: 150 + index * 600, endMs: 700 + index * 600, confidence: 0.9 };
  });
  return { words, written: [], confidence: 0.9, language: 'en' };
}

test('turns are heard again in the channel of their side, the first texts kept, what people wrote left', async () => {
  const talk = [
    utterance('caller', 1_000, 'this is a con crow'),
    utterance('callee', 5_000, 'hello there'),
    utterance('callee', 8_000, 'as I said', { textBy: 'person', revision: 2 }),
    utterance('caller', 10_000, '[CARD] [CVV] thank you', {}),
  ];
  const { pass, reads, asked, settled, stored, outcomes } = house(['This is Okonkwo'], talk);
  await settled(1);
  await pass.close();
  expect(outcomes).toEqual([{ state: 'done' }]);
  // The mask at 10,000 ms is not silent from its beginning: that turn is left.
  expect(reads).toEqual(['recordings/a.wav left 850 3100', 'recordings/a.wav right 4850 5900']);
  expect(asked[0]).toMatchObject({ language: 'en', phrases: ['Tarn', 'Okonkwo'] });
  const { utterances, earlier, call } = stored();
  expect(utterances.map(({ text, revision }) => `${revision} ${text}`)).toEqual([
    '2 This is Okonkwo',
    '2 This is Okonkwo',
    '2 as I said',
    '1 [CARD] [CVV] thank you',
  ]);
  expect(utterances[0]?.textBy).toBe('second-pass');
  expect(earlier.map(({ text }) => text)).toEqual(['hello there', 'this is a con crow']);
  expect(call.notes.at(-1)).toEqual({ atMs: null, note: 'second-pass', detail: 'asr.example: 2 turns, 2 changed' });
});

test('a number heard only the second time is masked and silenced, in the first text too', async () => {
  const talk = [
    utterance('callee', 1_000, 'your card number please'),
    utterance('caller', 5_000, 'for wan wander fur wonder wan won'),
  ];
  const { pass, settled, stored, written } = house(['4111 1111 1111 1111'], talk, true);
  await settled(1);
  await pass.close();
  expect(JSON.stringify(stored())).not.toMatch(/4111|wander/);
  expect(stored().redactions.length).toBeGreaterThan(0);
  expect(written).toMatchObject([{ op: 'recording' }]);
});

test('a failure is tried again later, three times in all, and then told of on the call', async () => {
  const lost = new SidetoneError('endpoint-failed', 'status 500');
  const { pass, settled, later, stored, outcomes } = house([lost, lost, lost], [utterance('caller', 1_000, 'hello')]);
  await settled(1);
  later(59_000);
  later(1_000);
  await settled(2);
  later(240_000);
  await settled(3);
  await pass.close();
  expect(outcomes).toMatchObject([
    { state: 'waiting', attempts: 1, nextAt: '2026-01-02T00:01:00.000Z', fault: 'endpoint-failed' },
    { state: 'waiting', attempts: 2 },
    { state: 'failed', attempts: 3 },
  ]);
  expect(stored().utterances[0]?.text).toBe('hello');
  await expect.poll(() => stored().call.notes.at(-1)?.note).toBe('second-pass-failed');
});
