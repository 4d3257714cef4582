/** A share as a figure and a small bar with the target marked on it. Null: there was nothing to keep. */
export function ShareBar({ share, target }: { readonly share: number | null; readonly target: number }) {
  if (share === null) return <span class="faint">–</span>;
  const isMet = share >= target;
  return (
    <span class={`share ${isMet ? 'share-met' : 'share-missed'}`}>
      <svg viewBox="0 0 100 10" width="72" height="10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="share-ground" width="100" height="10" />
        <rect class="share-fill" width={share * 100} height="10" />
        <rect class="share-target" x={Math.min(98, target * 100)} width="2" height="10" />
      </svg>
      <span class="share-figure">{sharePercent(share)}</span>
      {isMet ? null : <span class="share-word">below</span>}
    </span>
  );
}

/** Never rounded up to 100 %: one call in a thousand that is missing shows. */
export function sharePercent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
