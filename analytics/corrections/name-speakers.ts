import { SidetoneError } from '#lib/errors.ts';
import type { SpeakerName, StoredCall, Utterance } from '../types.ts';

/** Sides are those of before a swap. @throws SidetoneError `bad-request`: nobody is so labelled there */
export function checkSpeakers({ utterances }: StoredCall, speakers: readonly SpeakerName[]): void {
  for (const speaker of speakers) {
    if (!utterances.some((utterance) => isTheirs(utterance, speaker)))
      throw new SidetoneError('bad-request', `nobody is told apart as ${speaker.label} on the side ${speaker.side}`);
  }
}

/**
 * What a person says of who speaks goes before what a voice says: a name stands for itself then, and stays when a
 * voiceprint is deleted.
 */
export function nameSpeakers(stored: StoredCall, speakers: readonly SpeakerName[]): StoredCall {
  if (speakers.length === 0) return stored;
  const utterances = stored.utterances.map((utterance) => {
    const { voice } = utterance;
    const said = speakers.findLast((speaker) => isTheirs(utterance, speaker));
    if (voice === undefined || said === undefined) return utterance;
    return { ...utterance, speaker: said.name ?? voice.unnamed, voice: { ...voice, match: null } };
  });
  return { ...stored, utterances };
}

function isTheirs({ side, voice }: Utterance, speaker: SpeakerName): boolean {
  return side === speaker.side && voice?.label === speaker.label;
}
