import type { Utterance } from '#analytics/types.ts';

/** WebVTT (W3C): one cue an utterance, the speaker as its voice. */
export function toVtt(utterances: readonly Utterance[]): string {
  const cues = utterances.map((utterance) => {
    const from = cueTime(utterance.startMs);
    const until = cueTime(Math.max(utterance.endMs, utterance.startMs + 1));
    return `${utterance.utteranceId}\n${from} --> ${until}\n<v ${escapeCue(utterance.speaker)}>${escapeCue(utterance.text)}\n`;
  });
  return `WEBVTT\n\n${cues.join('\n')}`;
}

/** One line an utterance: `00:01:05 caller: text`. */
export function toPlainText(utterances: readonly Utterance[]): string {
  return utterances
    .map(({ startMs, speaker, text }) => `${cueTime(startMs).slice(0, 8)} ${oneLine(speaker)}: ${oneLine(text)}\n`)
    .join('');
}

function cueTime(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const seconds = Math.floor(whole / 1000);
  const hours = Math.floor(seconds / 3600);
  return `${pad(hours, 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}.${pad(whole % 1000, 3)}`;
}

/** Cue text may hold neither markup nor `-->` nor an empty line. */
function escapeCue(text: string): string {
  return oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
