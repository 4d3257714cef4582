import type { CallMetrics } from '#analytics/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { spokenTime } from '../../client/format.ts';
import { inOrder } from '../../client/sides.ts';
import type { SharedVoice } from '../../client/voices.ts';
import { SideTable } from '../../parts/side-table.tsx';
import { Panel } from './panels.tsx';
import { SpeakerTable } from './speaker-table.tsx';

interface Column {
  readonly side: ChannelSide;
}

export function TalkPanel(props: { readonly metrics: CallMetrics | null; readonly voices: readonly SharedVoice[] }) {
  const { metrics, voices } = props;
  if (metrics === null) return null;
  const sides = inOrder(Object.keys(metrics.talkMs)).map((side) => ({ side }));
  const talk = ({ side }: Column): string => spokenTime(metrics.talkMs[side] ?? 0);
  const speed = ({ side }: Column): string => {
    const wpm = metrics.talkSpeedWpm[side] ?? null;
    return wpm === null ? '–' : `${Math.round(wpm)} wpm`;
  };
  const sound = Object.values(metrics.sound ?? {});
  const musicMs = sound.reduce((sum, of) => sum + of.musicMs, 0);
  const figure = (value: number | null | undefined, unit: string): string =>
    value === null || value === undefined ? '–' : `${value} ${unit}`;
  return (
    <Panel title="Talk">
      <SideTable
        columns={sides}
        rows={[
          ['Talk time', talk],
          ['Speed', speed],
          ['Interruptions', ({ side }) => metrics.interruptions[side] ?? 0],
          ...(sound.length === 0
            ? []
            : [['Speech over noise', ({ side }: Column) => figure(metrics.sound?.[side]?.snrDb, 'dB')] as const]),
        ]}
      />
      {metrics.speakers === undefined ? null : <SpeakerTable speakers={metrics.speakers} voices={voices} />}
      <dl class="facts">
        <dt>Overtalk</dt>
        <dd>{spokenTime(metrics.overtalkMs)}</dd>
        <dt>Silence over 3 s, and hold</dt>
        <dd>{spokenTime(metrics.nonTalkMs)}</dd>
        <dt>On hold</dt>
        <dd>{spokenTime(metrics.holdMs)}</dd>
        {musicMs === 0 ? null : (
          <>
            <dt>Music</dt>
            <dd>{spokenTime(musicMs)}</dd>
          </>
        )}
      </dl>
      <p class="hint">An interruption overlaps by at least {metrics.interruptionThresholdMs} ms.</p>
    </Panel>
  );
}
