import { closeAll, once, type Closable } from '#lib/closing.ts';
import type { VoiceVerifier } from '../../types.ts';
import { loadSileroVad } from '../../vad/silero.ts';
import { openSpeakerModel, type SpeakerSettings } from '../open.ts';
import { SpeakerVerifier } from './voiceprint.ts';

/**
 * The verifier with the speaker model that is configured.
 * @throws SidetoneError `engine-missing`, `model-missing`, `model-broken` for a model of another maker
 */
export async function openVoiceVerifier(settings: Pick<SpeakerSettings, 'model'>): Promise<VoiceVerifier & Closable> {
  const model = await openSpeakerModel(settings);
  const vad = await loadSileroVad();
  const verifier = new SpeakerVerifier(model, vad);
  return {
    enrol: (recordings) => verifier.enrol(recordings),
    hear: (pcm) => verifier.hear(pcm),
    compare: (voiceprint, voice) => verifier.compare(voiceprint, voice),
    close: once(() => closeAll([() => model.close(), () => vad.close()])),
  };
}
