import type { Clock } from '#lib/clock.ts';
import type { SpeechWindow } from '../speakers/diarization/speech-windows.ts';
import type { StreamSpeakers } from '../speakers/diarization/stream-speakers.ts';
import type { SpeakerModel } from '../speakers/types.ts';
import { looksLikeSpeech } from '../vad/second-look.ts';
import type { Vad, VadRow } from '../vad/silero.ts';
import type { Channel } from './channel.ts';
import type { WorkMeter } from './work-meter.ts';

/** Rounds of the voice activity detector in one step: a second of audio of every channel. */
const roundsPerStep = 32;
/** Rows of one run of the detector. */
const vadRows = 64;
/** Windows of one run of the speaker model: some 40 ms. */
const speakerRows = 16;
/** A channel with so much audio in line for finals is not looked at further: the rest waits where it may be spooled. */
const mostInLineSamples = 8000 * 32;

/** Where somebody speaks on the channels of a process, and who: frames and windows of all of them go in batches. */
export class Detection {
  readonly #parts: { readonly vad: Vad; readonly clock: Clock; readonly voices: SpeakerModel | undefined };
  readonly #meter: WorkMeter;

  constructor(
    parts: { readonly vad: Vad; readonly clock: Clock; readonly voices: SpeakerModel | undefined },
    meter: WorkMeter,
  ) {
    this.#parts = parts;
    this.#meter = meter;
  }

  /** Everything that has arrived on these channels, up to a second of each. False when there was nothing to do. */
  async detect(all: readonly Channel[]): Promise<boolean> {
    const { clock, vad } = this.#parts;
    const startMs = clock.nowMs();
    let any = false;
    const channels = all.filter((channel) => !channel.finished);
    const ready = channels.filter((channel) => channel.waitingSamples < mostInLineSamples);
    for (let round = 0; round < roundsPerStep; round += 1) {
      const due: { readonly channel: Channel; readonly row: VadRow }[] = [];
      let silent = 0;
      for (const channel of ready) {
        const row = channel.nextFrame(clock.nowMs());
        if (row === undefined) continue;
        if (channel.isSilence(row)) {
          this.#heard(channel, row, 0);
          silent += 1;
        } else due.push({ channel, row });
      }
      if (due.length + silent === 0) break;
      any = true;
      for (let at = 0; at < due.length; at += vadRows) await this.#detectRows(due.slice(at, at + vadRows));
    }
    if (await this.#tellApart(channels)) any = true;
    for (const channel of channels) {
      channel.settle(clock.nowMs());
      // Its last words may just have been cut.
      if ((channel.speakers?.waiting ?? 0) > 0) any = true;
      const sound = channel.doubtful;
      if (sound === undefined) continue;
      any = true;
      channel.judge(await looksLikeSpeech(vad, sound), clock.nowMs());
      channel.settle(clock.nowMs());
    }
    this.#meter.spent(startMs, 'other');
    return any;
  }

  async #detectRows(due: readonly { readonly channel: Channel; readonly row: VadRow }[]): Promise<void> {
    const probabilities = await this.#parts.vad.detect(due.map((each) => each.row));
    due.forEach(({ channel, row }, index) => this.#heard(channel, row, probabilities[index] ?? 0));
  }

  #heard(channel: Channel, row: VadRow, probability: number): void {
    channel.heard(row, probability, this.#parts.clock.nowMs());
    this.#meter.heardSamples += row.pcm.length;
  }

  /** Before what was said there is recognised: then its words have a speaker at once. */
  async #tellApart(channels: readonly Channel[]): Promise<boolean> {
    const model = this.#parts.voices;
    if (model === undefined) return false;
    const due: { readonly speakers: StreamSpeakers; readonly window: SpeechWindow }[] = [];
    for (const { speakers } of channels) {
      for (const window of speakers?.take(speakerRows - due.length) ?? []) {
        if (speakers !== undefined) due.push({ speakers, window });
      }
    }
    if (due.length === 0) return false;
    const vectors = await model.embed(due.map(({ window }) => window.pcm));
    due.forEach(({ speakers, window }, index) => {
      const vector = vectors[index];
      if (vector !== undefined) speakers.embedded(window, vector);
    });
    return true;
  }
}
