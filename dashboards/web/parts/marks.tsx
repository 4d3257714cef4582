import type { Severity } from '#analytics/types.ts';

export function SeverityChip({ severity }: { readonly severity: Severity }) {
  return <span class={`chip severity-${severity}`}>{severity}</span>;
}

export function bandOf(score: number): 'negative' | 'neutral' | 'positive' {
  return score <= -0.5 ? 'negative' : score >= 0.5 ? 'positive' : 'neutral';
}

/** A score of -5..+5 as sign, figure and colour; colour is never alone. */
export function SentimentMark({ score, label }: { readonly score: number | null; readonly label: string }) {
  if (score === null) {
    return (
      <span class="sentiment" title={`${label}: nothing said`}>
        –
      </span>
    );
  }
  const band = bandOf(score);
  const arrow = band === 'positive' ? '▲' : band === 'negative' ? '▼' : '•';
  const figure = `${score > 0 ? '+' : ''}${score.toFixed(1)}`.replace('-', '−');
  return (
    <span class={`sentiment sentiment-${band}`} title={`${label}: ${band}, ${figure} of 5`}>
      <span aria-hidden="true">{arrow}</span> {figure}
      <span class="unseen"> {label}</span>
    </span>
  );
}
