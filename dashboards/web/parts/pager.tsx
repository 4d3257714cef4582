/** Pages forward by key; back is the browser's own. */
export function Pager(props: {
  readonly isFirst: boolean;
  readonly next: string | null;
  readonly onNext: (after: string) => void;
}) {
  const { isFirst, next, onNext } = props;
  if (isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" class="button" disabled={isFirst} onClick={() => history.back()}>
        ← Newer
      </button>
      <button type="button" class="button" disabled={next === null} onClick={() => next !== null && onNext(next)}>
        Older →
      </button>
    </nav>
  );
}
