import type { ComponentChildren } from 'preact';

export function ProblemNote({ message }: { readonly message: string }) {
  return (
    <p class="note note-bad" role="alert">
      {message}
    </p>
  );
}

/** What stands where there is nothing yet. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <p>{children}</p>}
    </div>
  );
}
