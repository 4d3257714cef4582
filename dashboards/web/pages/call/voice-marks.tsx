import type { Utterance } from '#analytics/types.ts';

/** What the sound tells of who speaks: which voice of its stream, by whose voiceprint, and whether others speak too. */
export function VoiceMarks({ utterance }: { readonly utterance: Utterance }) {
  const { voice, speaker } = utterance;
  if (voice === undefined) return null;
  const { label, match, overlaps, unnamed } = voice;
  return (
    <>
      {label === null || speaker === unnamed ? null : <span class="row-side">{unnamed}</span>}
      {match === null ? null : (
        <span class="chip" title="An enrolled voice: how likely it is this one, where as many are as are not">
          by voice, {Math.floor(match.probability * 100)} %
        </span>
      )}
      {overlaps ? <span class="chip">others speak too</span> : null}
    </>
  );
}
