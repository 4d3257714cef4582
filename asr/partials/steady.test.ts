import { describe, expect, it } from 'vitest';
import { SteadyWords, type Hypothesis } from './steady.ts';
import { alignPrefix } from './words.ts';

/** Words of 300 ms, one after the other. */
function hear(text: string, options: { complete?: boolean; confidence?: number; edgeMs?: number } = {}): Hypothesis {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startSample: index * 2400,
    endSample: (index + 1) * 2400,
    confidence: options.confidence ?? 0.8,
  }));
  return { words, endSample: words.length * 2400 + (options.edgeMs ?? 150) * 8, complete: options.complete ?? false };
}

function shown(...hypotheses: Hypothesis[]): string {
  const steady = new SteadyWords();
  for (const hypothesis of hypotheses) steady.add(hypothesis);
  return steady.shown.map((word) => word.text).join(' ');
}

describe('SteadyWords', () => {
  it('shows a word when two hypotheses in succession have it at the same spot', () => {
    expect(shown(hear('I would'))).toBe('');
    expect(shown(hear('I would'), hear('I would like'))).toBe('I would');
    expect(shown(hear('I could'), hear('I would like'))).toBe('I');
  });

  it('holds back a word at the very end of the audio, and one the recogniser doubts', () => {
    const cut = hear('I would', { edgeMs: 50 });
    expect(shown(cut, cut)).toBe('I');
    const doubted = hear('I would', { confidence: 0.3 });
    expect(shown(doubted, doubted)).toBe('');
  });

  it('shows at once what the recogniser is sure of and has heard past', () => {
    expect(shown(hear('I would like to go', { confidence: 0.9 }))).toBe('I would like to');
  });

  it('is content with less where hypotheses are far apart', () => {
    const later = hear('I would like to go', { confidence: 0.7 });
    expect(shown(hear('we'), later)).toBe('I would like to');
    expect(shown(hear('we would like to'), later)).toBe('');
  });

  it('shows everything once the speaker has paused', () => {
    expect(shown(hear('I would.', { complete: true }))).toBe('I would.');
  });

  it('never takes back or repeats what it has shown, whatever comes later', () => {
    const first = hear('a red house');
    expect(shown(first, first, hear('the red horse stood'), hear('the red horse stood there'))).toBe(
      'a red house stood',
    );
  });

  it('leaves punctuation out until it is sure', () => {
    expect(shown(hear('Well. I'), hear('Well, I see'))).toBe('Well I');
    expect(shown(hear('Well, I'), hear('Well, I see'))).toBe('Well, I');
  });
});

describe('alignPrefix', () => {
  it('finds where the shown words end in another wording', () => {
    expect(alignPrefix([], ['a', 'b'])).toBe(0);
    expect(alignPrefix(['a', 'b'], ['a', 'b', 'c'])).toBe(2);
    expect(alignPrefix(['a', 'b'], ['a', 'x', 'b', 'c'])).toBe(3);
    expect(alignPrefix(['a', 'b', 'c'], ['a', 'c', 'd'])).toBe(2);
    expect(alignPrefix(['a', 'b'], [])).toBe(0);
  });
});
