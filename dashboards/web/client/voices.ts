import type { Utterance } from '#analytics/types.ts';
import type { PartySide } from '#sip/types.ts';

/** One of those who share a stream, as the page names and colours them. */
export interface SharedVoice {
  readonly side: PartySide;
  readonly label: string;
  readonly speaker: string;
  /** What it says where nobody has said who it is. */
  readonly unnamed: string;
}

/** Everybody who is told apart, in the order of their labels. */
export function voicesIn(utterances: readonly Utterance[]): readonly SharedVoice[] {
  const voices = new Map<string, SharedVoice>();
  for (const { side, speaker, voice } of utterances) {
    const label = voice?.label ?? null;
    if (voice !== undefined && label !== null)
      voices.set(`${side} ${label}`, { side, label, speaker, unnamed: voice.unnamed });
  }
  return [...voices.values()].sort(
    (a, b) => a.side.localeCompare(b.side) || a.label.localeCompare(b.label, 'en', { numeric: true }),
  );
}

/** Four colours for however many: the number beside the name tells apart those who share one. */
export function voiceClass({ voice }: Pick<Utterance, 'voice'>): string {
  const label = Number(voice?.label ?? 0);
  return label > 0 ? `voice-${((label - 1) % 4) + 1}` : '';
}
