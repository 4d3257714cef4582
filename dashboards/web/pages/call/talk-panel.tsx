import type { CallMetrics } from '#analytics/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { spokenTime } from '../../client/format.ts';
import { inOrder } from '../../client/sides.ts';
import { Panel } from './panels.tsx';

export function TalkPanel({ metrics }: { readonly metrics: CallMetrics | null }) {
  if (metrics === null) return null;
  const sides = inOrder(Object.keys(metrics.talkMs));
  const talk = (side: ChannelSide): string => spokenTime(metrics.talkMs[side] ?? 0);
  const speed = (side: ChannelSide): string => {
    const wpm = metrics.talkSpeedWpm[side] ?? null;
    return wpm === null ? '–' : `${Math.round(wpm)} wpm`;
  };
  return (
    <Panel title="Talk">
      <table class="small-table">
        <thead>
          <tr>
            <td />
            {sides.map((side) => (
              <th key={side} scope="col" class={`speaker-${side}`}>
                {side}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Row title="Talk time" sides={sides} of={talk} />
          <Row title="Speed" sides={sides} of={speed} />
          <Row title="Interruptions" sides={sides} of={(side) => metrics.interruptions[side] ?? 0} />
        </tbody>
      </table>
      <dl class="facts">
        <dt>Overtalk</dt>
        <dd>{spokenTime(metrics.overtalkMs)}</dd>
        <dt>Silence over 3 s, and hold</dt>
        <dd>{spokenTime(metrics.nonTalkMs)}</dd>
        <dt>On hold</dt>
        <dd>{spokenTime(metrics.holdMs)}</dd>
      </dl>
      <p class="hint">An interruption overlaps by at least {metrics.interruptionThresholdMs} ms.</p>
    </Panel>
  );
}

function Row(props: {
  readonly title: string;
  readonly sides: readonly ChannelSide[];
  readonly of: (side: ChannelSide) => string | number;
}) {
  return (
    <tr>
      <th scope="row">{props.title}</th>
      {props.sides.map((side) => (
        <td key={side}>{props.of(side)}</td>
      ))}
    </tr>
  );
}
