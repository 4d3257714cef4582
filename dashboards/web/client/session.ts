import { computed, signal } from '@preact/signals';
import type { Actor, Role } from '#db/types.ts';
import { api, isSignedOut, whenSignedOut } from './api.ts';
import { go, path } from './router.ts';

export interface SessionView {
  readonly signedIn: boolean;
  readonly actor: Actor | null;
  readonly role: Role | null;
}

/** Undefined until the server has said who is here. */
export const session = signal<SessionView | undefined>(undefined);
export const isAdmin = computed(() => session.value?.role === 'admin');

const nobody: SessionView = { signedIn: false, actor: null, role: null };

export async function loadSession(): Promise<void> {
  whenSignedOut(() => {
    session.value = nobody;
  });
  session.value = await api<SessionView>('/session').catch(() => nobody);
}

export async function signIn(credentials: { name: string; password: string } | { link: string }): Promise<void> {
  session.value = await api<SessionView>('/session', { method: 'POST', body: credentials });
  if (path.value === '/login') go('/', { replace: true });
}

/** @throws Problem when the server could not be told: then one is still signed in */
export async function signOut(): Promise<void> {
  await api('/session', { method: 'DELETE' }).catch((thrown: unknown) => {
    if (!isSignedOut(thrown)) throw thrown;
  });
  session.value = nobody;
  go('/login');
}
