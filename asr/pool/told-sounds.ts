import { samplesToMs } from '#media/types.ts';
import type { SpeechEvent } from '../process/messages.ts';
import type { AsrEvent, SoundKind } from '../types.ts';

export type SoundEvent = Extract<SpeechEvent, { readonly type: 'sound' | 'levels' | 'identical' }>;

/**
 * What has been told of one side's sound. A process that takes a side over begins a little before the other one's end:
 * what it hears again is not told again.
 */
export class ToldSounds {
  /** The end of the latest stretch of a kind. */
  readonly #until = new Map<SoundKind, number>();
  #levelledSample = 0;
  #isIdentical = false;

  take(callId: string, event: SoundEvent): AsrEvent[] {
    const { side } = event;
    switch (event.type) {
      case 'sound': {
        const startSample = Math.max(event.startSample, this.#until.get(event.kind) ?? 0);
        if (startSample >= event.endSample) return [];
        this.#until.set(event.kind, event.endSample);
        const [startMs, endMs] = [samplesToMs(startSample), samplesToMs(event.endSample)];
        return [{ type: 'sound', callId, side, kind: event.kind, startMs, endMs }];
      }
      case 'levels': {
        const known = Math.ceil(Math.max(0, this.#levelledSample - event.startSample) / 8000);
        if (known >= event.levelDbfs.length) return [];
        this.#levelledSample = event.startSample + event.levelDbfs.length * 8000;
        const levels = {
          startMs: samplesToMs(event.startSample + known * 8000),
          stepMs: 1000 as const,
          levelDbfs: event.levelDbfs.slice(known),
          pitchHz: event.pitchHz.slice(known),
          speech: event.speech.slice(known),
          snrDb: event.snrDb.slice(known),
        };
        return [{ type: 'levels', callId, side, levels }];
      }
      case 'identical':
        if (this.#isIdentical) return [];
        this.#isIdentical = true;
        return [{ type: 'identical', callId, side, of: event.of, atMs: samplesToMs(event.startSample) }];
      default:
        return event satisfies never;
    }
  }
}
