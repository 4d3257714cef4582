import { describe, expect, it } from 'vitest';
import type { EngineResult } from '../engines/types.ts';
import type { OpenSegment } from '../segments/segmenter.ts';
import { encodeText } from '../text/tokens.ts';
import { DraftTokens } from './draft-tokens.ts';
import { Drafting } from './drafting.ts';
import { nextWindow } from './window.ts';

const wordSamples = 2400;

/** Words of 300 ms from the start of the audio on. */
function result(text: string): EngineResult {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startSample: index * wordSamples,
    endSample: (index + 1) * wordSamples,
    confidence: 0.95,
  }));
  return { text, tokens: encodeText(text), words, confidence: 0.95, empty: false };
}

function talking(startSample: number, heardSample: number): OpenSegment {
  return {
    startSample,
    endSample: heardSample,
    speechEndSample: heardSample,
    speechFrames: Math.floor((heardSample - startSample) / 256),
    heardSample,
    speaking: true,
    spokenSinceSample: startSample,
  };
}

const sentence = 'we have been waiting for the small parcel that you sent us on the first of this month';

describe('nextWindow', () => {
  const { words } = result(sentence);

  it('begins anew at a word with a second of sure words after it, once four seconds are full', () => {
    const shown = 12 * wordSamples;
    expect(nextWindow(words, { startSample: 0, endSample: 31_999, shownToSample: shown })).toBeUndefined();
    const next = nextWindow(words, { startSample: 0, endSample: 33_000, shownToSample: shown });
    expect(next).toEqual({ startSample: 8 * wordSamples, words: 8 });
  });

  it('goes on as it is while no word is sure', () => {
    expect(nextWindow(words, { startSample: 0, endSample: 40_000, shownToSample: 0 })).toBeUndefined();
    expect(nextWindow([], { startSample: 0, endSample: 40_000, shownToSample: 0 })).toBeUndefined();
  });
});

describe('Drafting', () => {
  it('never asks for more than about a window, shows every word once, and guesses the whole', () => {
    const said = sentence.split(' ');
    const drafting = new Drafting(0);
    const longest: number[] = [];
    for (let heard = wordSamples; heard <= said.length * wordSamples; heard += wordSamples) {
      const open = talking(0, heard);
      const request = drafting.next(open, { partial: true, pause: true });
      if (request === undefined) continue;
      longest.push(request.endSample - request.startSample);
      drafting.asked(request, open);
      const first = Math.ceil(request.startSample / wordSamples);
      const text = said.slice(first, heard / wordSamples).join(' ');
      // Where the window begins, as if the audio before its first word were not there.
      const shift = first * wordSamples - request.startSample;
      const words = result(text).words.map((word) => ({
        ...word,
        startSample: word.startSample + shift,
        endSample: word.endSample + shift,
      }));
      drafting.take(request, { ...result(text), words });
    }
    expect(Math.max(...longest)).toBeLessThanOrEqual(32_000 + 2 * wordSamples);
    const shown = drafting.shown.map((word) => word.text);
    expect(shown).toEqual(said.slice(0, shown.length));
    expect(shown.length).toBeGreaterThanOrEqual(said.length - 1);
    expect(drafting.draft).toEqual(encodeText(sentence));
  });
});

describe('DraftTokens', () => {
  it('joins windows at the words that both have, as the first had them', () => {
    const tokens = new DraftTokens();
    tokens.heard(result('we have been waiting for'));
    tokens.leaveAt(2, 4);
    tokens.heard(result('Been waiting four weeks'));
    expect(tokens.window).toEqual(encodeText('Been waiting four weeks'));
    expect(tokens.whole).toEqual(encodeText('we have been waiting four weeks'));
  });

  it('takes a window as it is where the two differ, or where it began after all of the one before', () => {
    const tokens = new DraftTokens();
    tokens.heard(result('we have been waiting for'));
    tokens.leaveAt(2, 4);
    tokens.heard(result('Bean waiting four weeks'));
    expect(tokens.whole).toEqual([...encodeText('we have'), ...encodeText('Bean waiting four weeks')]);
    tokens.leaveAll();
    tokens.heard(result('And then'));
    expect(tokens.whole.slice(-2)).toEqual(encodeText('And then'));
    expect(tokens.window).toEqual(encodeText('And then'));
  });
});
