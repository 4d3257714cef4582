import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { sayProblem } from '../client/api.ts';
import { path } from '../client/router.ts';
import { isAdmin, session, signOut } from '../client/session.ts';
import { ProblemNote } from './problem.tsx';

function NavLink({ to, children }: { readonly to: string; readonly children: ComponentChildren }) {
  const here = to === '/' ? path.value === '/' || path.value.startsWith('/calls') : path.value.startsWith(to);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // In a narrow window the links scroll sideways.
    if (here) link.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here]);
  return (
    <a ref={link} href={to} class="nav-link" aria-current={here ? 'page' : undefined}>
      {children}
    </a>
  );
}

export function Shell({ children }: { readonly children: ComponentChildren }) {
  const problem = useSignal('');
  const leave = (): void => {
    problem.value = '';
    signOut().catch((thrown: unknown) => (problem.value = `You are still signed in. ${sayProblem(thrown)}`));
  };
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="/" aria-label="Sidetone, calls">
          <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <rect width="32" height="32" rx="8" class="brand-box" />
            <path d="M7 14v-2M12 14V7M17 14v-4M22 14V8M26 14v-3" class="brand-line" />
            <path d="M7 18v4M12 18v2M17 18v7M22 18v3M26 18v2" class="brand-line brand-line-soft" />
          </svg>
          <span>Sidetone</span>
        </a>
        <nav class="nav" aria-label="Main">
          <NavLink to="/">Calls</NavLink>
          <NavLink to="/search">Search</NavLink>
          <NavLink to="/assurance">Assurance</NavLink>
          {isAdmin.value ? <NavLink to="/sources">Sources</NavLink> : null}
          {isAdmin.value ? <NavLink to="/exports">Exports</NavLink> : null}
          {isAdmin.value ? <NavLink to="/audit">Audit</NavLink> : null}
          {isAdmin.value ? <NavLink to="/access">Access</NavLink> : null}
        </nav>
        <div class="who">
          <span class="who-name">{session.value?.actor?.name}</span>
          <button type="button" class="button quiet" onClick={leave}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" class="main">
        {problem.value === '' ? null : <ProblemNote message={problem.value} />}
        {children}
      </main>
    </>
  );
}

export function PageTitle({ children }: { readonly children: ComponentChildren }) {
  return (
    <h1 class="title" tabIndex={-1}>
      {children}
    </h1>
  );
}
