import type { VoiceVerifier } from '#asr/types.ts';
import { hasCode, SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { RecordingReport } from '#media/types.ts';
import type { Call, Speakers, SpeakerStore, StoredVoiceprint, Utterance, VoiceSource } from '../types.ts';
import { aloneInChannel, channelOf, voicesOf } from './channels.ts';
import { cutOut, mostVoiceSamples, type SoundBlocks } from './sound.ts';
import type { NamedVoice, VoiceSample } from './types.ts';

export interface SpeakerDeskOptions {
  readonly store: SpeakerStore;
  /** Loads the speaker model when it is first asked, and the same one afterwards. */
  readonly verifier: () => Promise<VoiceVerifier>;
  /** @throws SidetoneError `unsupported-audio` */
  readonly readSound: (path: string) => SoundBlocks;
  /** Where a recording lies, by its path in its report. */
  readonly recordingPath: (path: string) => string;
  readonly calls: {
    get(callId: string): Promise<{ readonly call: Call; readonly recording: RecordingReport | null } | undefined>;
    transcript(callId: string): Promise<readonly Utterance[]>;
  };
  readonly isLive: (callId: string) => boolean;
  /** Puts on record who was found in a call, before it is told. */
  readonly onRecord: (callId: string, speakerIds: readonly string[]) => Promise<void>;
  readonly logger: Logger;
}

/** Enrolled voices, and whose the voices of a call are. */
export interface SpeakerDesk extends Speakers {
  /**
   * Those voices of a call that is over which are surely of somebody enrolled. Of a voice of which too little is heard
   * nothing is said. @param path of its recording, as its report has it
   * @throws what keeps it from being put on record
   */
  readonly identify: (callId: string, path: string, voices: readonly VoiceSample[]) => Promise<readonly NamedVoice[]>;
}

export function createSpeakerDesk(options: SpeakerDeskOptions): SpeakerDesk {
  const { store, verifier } = options;
  /** Whose name is written no more, though their voice may be being looked for. */
  const removed = new Set<string>();
  return {
    list: () => store.list(),
    enrol: async (speaker, source) => {
      const sound = await soundOf(options, source);
      const voiceprint = await (await verifier()).enrol([sound]);
      return store.add({ ...speaker, voiceprint });
    },
    verify: async (speakerId, source) => {
      const stored = (await store.voiceprints()).find((each) => each.speakerId === speakerId);
      if (stored === undefined) throw new SidetoneError('not-found', 'there is no such speaker');
      const loaded = await verifier();
      const voice = await loaded.hear(await soundOf(options, source));
      return loaded.compare(stored.voiceprint, voice);
    },
    remove: async (speakerId) => {
      removed.add(speakerId);
      try {
        return await store.remove(speakerId);
      } catch (thrown) {
        removed.delete(speakerId);
        throw thrown;
      }
    },
    identify: async (callId, path, voices) => {
      const stored = await store.voiceprints();
      if (stored.length === 0 || voices.length === 0) return [];
      const wanted = voices.map((voice) => ({
        channel: channelOf(voice.side, false),
        stretches: aloneInChannel(voice, voices),
      }));
      const sounds = await cutOut(options.readSound(options.recordingPath(path)), wanted);
      const loaded = await verifier();
      const named: NamedVoice[] = [];
      for (const [index, voice] of voices.entries()) {
        const found = await nearest(loaded, sounds[index] ?? new Int16Array(0), stored);
        if (found !== undefined) named.push({ side: voice.side, label: voice.label, ...found });
      }
      const found = [...new Set(named.map(({ speakerId }) => speakerId))];
      if (found.length === 0) return [];
      await options.onRecord(callId, found);
      await store.used(found).catch((thrown: unknown) => {
        options.logger.warn({ err: toError(thrown) }, 'when a voiceprint was last used could not be written');
      });
      return named.filter(({ speakerId }) => !removed.has(speakerId));
    },
  };
}

/** Who it surely is, by the calibrated threshold of the verifier. */
async function nearest(
  verifier: VoiceVerifier,
  sound: Int16Array,
  stored: readonly StoredVoiceprint[],
): Promise<Pick<NamedVoice, 'speakerId' | 'name' | 'probability'> | undefined> {
  const voice = await verifier.hear(sound).catch((thrown: unknown) => {
    if (hasCode(thrown, 'too-little-speech')) return undefined;
    throw thrown;
  });
  if (voice === undefined) return undefined;
  const sure = stored
    .filter(({ voiceprint }) => voiceprint.modelId === voice.modelId)
    .map((each) => ({ each, answer: verifier.compare(each.voiceprint, voice) }))
    .filter(({ answer }) => answer.decision === 'same')
    .sort((a, b) => b.answer.probability - a.answer.probability);
  const [best] = sure;
  if (best === undefined) return undefined;
  return { speakerId: best.each.speakerId, name: best.each.name, probability: best.answer.probability };
}

async function soundOf(options: SpeakerDeskOptions, source: VoiceSource): Promise<Int16Array> {
  if ('path' in source) {
    const everything = [{ startMs: 0, endMs: mostVoiceSamples / 8 }];
    const [sound] = await cutOut(options.readSound(source.path), [{ channel: 0, stretches: everything }]);
    return sound ?? new Int16Array(0);
  }
  const { callId, side, label } = source;
  if (options.isLive(callId))
    throw new SidetoneError('conflict', 'the call is not over: there is no recording of it yet');
  const stored = await options.calls.get(callId);
  if (stored === undefined) throw new SidetoneError('not-found', 'there is no such call');
  const path = stored.recording?.path ?? null;
  if (path === null) throw new SidetoneError('not-found', 'the call has no recording');
  const voices = voicesOf(await options.calls.transcript(callId));
  const voice = voices.find((each) => each.side === side && each.label === label);
  if (voice === undefined) throw new SidetoneError('not-found', 'nobody is heard there in that call');
  const wanted = { channel: channelOf(side, stored.call.sidesSwapped), stretches: aloneInChannel(voice, voices) };
  const [sound] = await cutOut(options.readSound(options.recordingPath(path)), [wanted]);
  return sound ?? new Int16Array(0);
}
