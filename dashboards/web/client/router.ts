import { computed, signal } from '@preact/signals';

/** The address of the page, as signals. Links within the site change it without loading anything anew. */
const href = signal(location.pathname + location.search);
export const path = computed(() => new URL(href.value, location.origin).pathname);
export const query = computed(() => new URL(href.value, location.origin).searchParams);

export function go(to: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  const pathBefore = path.value;
  href.value = location.pathname + location.search;
  if (path.value !== pathBefore) {
    scrollTo(0, 0);
    // Readers of screen readers hear of a new page by its heading.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('h1')?.focus());
  }
}

export function startRouter(): void {
  addEventListener('popstate', () => {
    href.value = location.pathname + location.search;
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/') || link.getAttribute('href')?.startsWith('#') === true) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
