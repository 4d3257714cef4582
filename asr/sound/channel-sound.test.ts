import { describe, expect, it } from 'vitest';
import { ChannelSound, type SoundFact } from './channel-sound.ts';
import { frameSamples } from './facts.ts';
import {
  beat,
  joined,
  noise,
  overTheLine,
  recordings,
  repeated,
  tones,
  tune,
  type Beat,
} from './testing/line-sounds.ts';

/** `speech`: where the detector would have heard some, in samples. */
function listen(pcm: Int16Array, speech: readonly (readonly [number, number])[] = []): SoundFact[] {
  const facts: SoundFact[] = [];
  const sound = new ChannelSound(0, (fact) => facts.push(fact));
  for (let at = 0; at < pcm.length; at += frameSamples) {
    const frame = new Int16Array(frameSamples);
    frame.set(pcm.subarray(at, at + frameSamples));
    sound.heard(at, frame, speech.some(([from, to]) => at >= from && at < to) ? 0.9 : 0);
  }
  sound.end(pcm.length);
  return facts;
}

function stretches(facts: readonly SoundFact[]): { kind: string; from: number; to: number }[] {
  return facts.flatMap((fact) =>
    fact.type === 'sound' ? [{ kind: fact.kind, from: fact.startSample / 8000, to: fact.endSample / 8000 }] : [],
  );
}

/** To within 50 ms. */
function near(kind: string, from: number, to: number): Record<string, unknown> {
  const about = (seconds: number): unknown => expect.closeTo(seconds, 1);
  return { kind, from: about(from), to: about(to) };
}

const quiet = (ms: number): Beat => beat([], ms);

describe('tones', () => {
  const cases: readonly (readonly [string, string, readonly Beat[], number, number])[] = [
    ['ringback US', 'ringback', repeated(3, [quiet(4000), beat([440, 480], 2000)]), 4, 18],
    ['ringback US, answered in its first ring', 'ringback', [beat([440, 480], 2000), quiet(9000)], 0, 2],
    [
      'ringback UK',
      'ringback',
      repeated(3, [beat([400, 450], 400), quiet(200), beat([400, 450], 400), quiet(2000)]),
      0,
      7,
    ],
    ['ringback DE', 'ringback', repeated(3, [beat([425], 1000), quiet(4000)]), 0, 11],
    ['busy US', 'busy', repeated(6, [beat([480, 620], 500), quiet(500)]), 0, 5.5],
    ['congestion US', 'busy', repeated(8, [beat([480, 620], 250), quiet(250)]), 0, 3.75],
    ['busy UK', 'busy', repeated(6, [beat([400], 375), quiet(375)]), 0, 4.125],
    ['busy DE', 'busy', repeated(6, [beat([425], 480), quiet(480)]), 0, 5.28],
    ['fax CNG', 'fax', repeated(4, [beat([1100], 500), quiet(3000)]), 0, 11],
    ['fax CED', 'fax', [quiet(1000), beat([2100], 3000), quiet(7000)], 1, 4],
  ];
  it.each(cases)('%s is %s from its beginning to its end', (_, kind, beats, from, to) => {
    const found = stretches(listen(tones(beats)));
    expect(found).toEqual([near(kind, from, to)]);
  });

  it('hears them at -36 dBFS too, and with the last pulse cut short', () => {
    const beats = [...repeated(2, [beat([440, 480], 2000), quiet(4000)]), beat([440, 480], 700), quiet(1000)];
    expect(stretches(listen(tones(beats, 520)))).toEqual([near('ringback', 0, 12.7)]);
  });

  it('a single tone after speech is a beep; without speech, of two frequencies, twice or for long it is none', () => {
    const greeting = [[0, 16_000]] as const;
    const after = (...beats: readonly Beat[]): { kind: string }[] =>
      stretches(listen(joined(noise(16_000, 2000), tones([quiet(500), ...beats, quiet(7000)])), greeting));
    expect(after(beat([1000], 400))).toEqual([near('beep', 2.5, 2.9)]);
    expect(after(beat([440], 1000))).toMatchObject([{ kind: 'beep' }]);
    expect(stretches(listen(tones([quiet(2500), beat([1000], 400), quiet(7000)])))).toEqual([]);
    expect(after(beat([770, 1336], 400))).toEqual([]);
    expect(after(beat([1000], 2500))).toEqual([]);
  });

  it('keys, noise and silence are no tone', () => {
    const keys = [697, 770, 852, 941].flatMap((row) => [beat([row, 1336], 100), quiet(100)]);
    expect(stretches(listen(tones(repeated(10, keys))))).toEqual([]);
    expect(stretches(listen(noise(160_000, 1000)))).toEqual([]);
    expect(stretches(listen(new Int16Array(160_000)))).toEqual([]);
  });
});

describe('music', () => {
  it('is found within a second of its beginning and end, also where words are heard in it', () => {
    const pcm = joined(noise(40_000, 8), tune(20), noise(80_000, 8));
    const [found, ...more] = stretches(listen(pcm, [[80_000, 100_000]]));
    expect(more).toEqual([]);
    expect(found?.kind).toBe('music');
    expect(Math.abs((found?.from ?? 0) - 5)).toBeLessThan(1);
    expect(Math.abs((found?.to ?? 0) - 25)).toBeLessThan(1);
  });

  it('a hum that never changes is none, nor are five seconds of a tune', () => {
    const hum = tones([beat([100, 150, 250, 350], 30_000)], 900);
    expect(stretches(listen(hum))).toEqual([]);
    expect(stretches(listen(joined(noise(40_000, 8), tune(3), noise(80_000, 8))))).toEqual([]);
  });
});

describe('real speech', () => {
  it('is neither a tone nor music, also without its pauses', () => {
    const files = recordings();
    expect(files.length).toBeGreaterThan(3);
    const dense = joined(...files.map((pcm) => pcm.filter((_, n) => isLoud(pcm, n))));
    for (const pcm of [...files, dense]) {
      const spoken = [[0, pcm.length]] as const;
      expect(stretches(listen(overTheLine(pcm), spoken))).toEqual([]);
      expect(stretches(listen(overTheLine(pcm)))).toEqual([]);
    }
  });

  it('has a pitch', () => {
    const [pcm = new Int16Array(0)] = recordings();
    const pitches = levels(listen(pcm, [[0, pcm.length]]))
      .flatMap(({ pitchHz }) => pitchHz)
      .filter((hz) => hz !== null);
    expect(pitches.length).toBeGreaterThan(0);
    for (const hz of pitches) expect(hz).toBeGreaterThan(70);
    for (const hz of pitches) expect(hz).toBeLessThan(350);
  });
});

describe('levels', () => {
  it('measures each second by itself, ten at a time and the rest at the end', () => {
    const pcm = joined(tones([beat([1000], 1000)], 16_384), new Int16Array(8000), noise(10 * 8000 + 4000, 328));
    const batches = levels(listen(pcm));
    expect(batches.map(({ startSample, levelDbfs }) => [startSample, levelDbfs.length])).toEqual([
      [0, 10],
      [80_000, 3],
    ]);
    const all = batches.flatMap(({ levelDbfs }) => levelDbfs);
    expect(all[0]).toBeCloseTo(-9, 0);
    expect(all[1]).toBeLessThan(-90);
    for (const level of all.slice(2)) expect(level).toBeCloseTo(-40, 0);
  });

  it('speech over noise: its share, its pitch, how far it stands over the noise', () => {
    const line = noise(8000 * 6, 33);
    const voice = pulses(140, 8000 * 2);
    voice.forEach((sample, n) => (line[24_000 + n] = line[24_000 + n]! + sample));
    const told = levels(listen(line, [[24_000, 40_000]]));
    const [first] = told;
    expect(first?.speech.map((share) => Math.round(share))).toEqual([0, 0, 0, 1, 1, 0]);
    expect(first?.pitchHz.map((hz) => (hz === null ? null : Math.round(hz / 10)))).toEqual([
      null,
      null,
      null,
      14,
      14,
      null,
    ]);
    const [snr = 0] = (first?.snrDb ?? []).flatMap((db) => (db === null ? [] : [db]));
    const wanted = 10 * Math.log10(voice.reduce((sum, sample) => sum + sample ** 2, 0) / voice.length / 33 ** 2);
    expect(Math.abs(snr - wanted)).toBeLessThan(2);
  });

  it('goes on after a hole with the second in which the sound goes on', () => {
    const facts: SoundFact[] = [];
    const sound = new ChannelSound(12_000, (fact) => facts.push(fact));
    const frame = noise(frameSamples, 328);
    for (let n = 0; n < 50; n += 1) sound.heard(12_000 + n * frameSamples, frame, 0);
    sound.skipTo(100_000);
    for (let n = 0; n < 50; n += 1) sound.heard(100_000 + n * frameSamples, frame, 0);
    sound.end(112_700);
    expect(levels(facts).map(({ startSample, levelDbfs }) => [startSample, levelDbfs.length])).toEqual([
      [8000, 3],
      [96_000, 3],
    ]);
    for (const level of levels(facts).flatMap(({ levelDbfs }) => levelDbfs)) expect(level).toBeCloseTo(-40, 0);
  });
});

function levels(facts: readonly SoundFact[]) {
  return facts.flatMap((fact) => (fact.type === 'levels' ? [fact] : []));
}

/** A voice of sorts: a pulse train whose fundamental the line does not carry. */
function pulses(hz: number, samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, n) => {
    let value = 0;
    for (let overtone = 3; overtone < 20; overtone += 1) value += Math.cos((2 * Math.PI * hz * overtone * n) / 8000);
    return Math.round(value * 300);
  });
}

function isLoud(pcm: Int16Array, n: number): boolean {
  const from = n - (n % 400);
  let peak = 0;
  for (let at = from; at < from + 400; at += 1) peak = Math.max(peak, Math.abs(pcm[at] ?? 0));
  return peak > 600;
}
