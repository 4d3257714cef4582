import type { CallMetrics } from '#analytics/types.ts';
import { spokenTime } from '../../client/format.ts';
import { voiceClass, type SharedVoice } from '../../client/voices.ts';

/** Figures of those who share a stream. */
export function SpeakerTable(props: {
  readonly speakers: NonNullable<CallMetrics['speakers']>;
  readonly voices: readonly SharedVoice[];
}) {
  const nameOf = ({ side, label }: { readonly side: string; readonly label: string }): string =>
    props.voices.find((voice) => voice.side === side && voice.label === label)?.speaker ?? `Speaker ${label}`;
  return (
    <table class="small-table">
      <thead>
        <tr>
          <td />
          <th scope="col">Talk time</th>
          <th scope="col">Speed</th>
          <th scope="col">Interrupts</th>
        </tr>
      </thead>
      <tbody>
        {props.speakers.map((speaker) => (
          <tr key={`${speaker.side} ${speaker.label}`}>
            <th scope="row" class={voiceClass({ voice: { ...speaker, overlaps: false, unnamed: '', match: null } })}>
              {nameOf(speaker)}
            </th>
            <td>{spokenTime(speaker.talkMs)}</td>
            <td>{speaker.talkSpeedWpm === null ? '–' : `${speaker.talkSpeedWpm} wpm`}</td>
            <td>{speaker.interruptions}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
