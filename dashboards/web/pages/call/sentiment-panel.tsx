import type { CallMetrics, Utterance } from '#analytics/types.ts';
import type { PartySide } from '#sip/types.ts';
import { bySideInOrder, inOrder } from '../../client/sides.ts';
import { bandOf, SentimentMark } from '../../parts/marks.tsx';
import { Panel } from './panels.tsx';

/** Per side: the mean, and how it went over the quarters of what the side said. */
export function SentimentPanel(props: {
  readonly metrics: CallMetrics | null;
  readonly live: boolean;
  readonly utterances: readonly Utterance[];
}) {
  const { metrics, live, utterances } = props;
  if (metrics === null) {
    return (
      <Panel title="Sentiment">
        {live && utterances.length > 0 ? (
          inOrder(utterances.map((each) => each.side)).map((side) => (
            <SoFar key={side} side={side} utterances={utterances} />
          ))
        ) : (
          <p class="quiet-line">{live ? 'Nothing said yet.' : 'Nothing was said.'}</p>
        )}
      </Panel>
    );
  }
  return (
    <Panel title="Sentiment">
      {bySideInOrder(metrics.sentiment).map(([side, { quarters, meanOfUtterances }]) => (
        <div key={side} class="sentiment-line">
          <span class={`speaker speaker-${side}`}>{side}</span>
          <Quarters side={side} quarters={quarters} />
          <SentimentMark score={meanOfUtterances} label={`${side}, mean of utterances`} />
        </div>
      ))}
      <p class="hint">By the words alone, -5 to +5; bars are the quarters of the side's talk.</p>
    </Panel>
  );
}

function SoFar({ side, utterances }: { readonly side: PartySide; readonly utterances: readonly Utterance[] }) {
  const scores = utterances.filter((each) => each.side === side).map((each) => each.sentiment);
  const mean = scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return (
    <div class="sentiment-line">
      <span class={`speaker speaker-${side}`}>{side}</span>
      <span class="faint">so far</span>
      <SentimentMark score={mean} label={`${side}, mean so far`} />
    </div>
  );
}

function Quarters({ side, quarters }: { readonly side: PartySide; readonly quarters: readonly (number | null)[] }) {
  const words = quarters.map((score) => (score === null ? 'nothing said' : score.toFixed(1))).join(', ');
  return (
    <svg class="quarters" viewBox="0 0 80 32" role="img" aria-label={`${side} by quarters: ${words}`}>
      <line x1="0" x2="80" y1="16" y2="16" class="quarters-zero" />
      {quarters.map((score, index) => {
        if (score === null) return null;
        const height = Math.max(1.5, (Math.abs(score) / 5) * 16);
        return (
          <rect
            x={index * 20 + 3}
            width="14"
            y={score >= 0 ? 16 - height : 16}
            height={height}
            rx="1.5"
            class={`bar-${bandOf(score)}`}
          />
        );
      })}
    </svg>
  );
}
