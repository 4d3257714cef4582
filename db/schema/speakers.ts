import type { NullableTime, Time } from './columns.ts';

/** Who has consented to be known by their voice, and the voice. */
export interface SpeakersTable {
  speaker_id: string;
  name: string;
  consent_given_by: string;
  consent_given_at: Time;
  consent_how: string;
  consent_reference: string | null;
  enrolled_by: string;
  enrolled_at: Time;
  last_used_at: NullableTime;
  model_id: string;
  speech_s: number;
  /** Encrypted (speakers/voice-cipher.ts). */
  voiceprint: Buffer;
}
