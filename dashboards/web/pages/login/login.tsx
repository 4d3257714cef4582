import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { sayProblem } from '../../client/api.ts';
import { go } from '../../client/router.ts';
import { session, signIn } from '../../client/session.ts';
import { textFields } from '../../client/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';

/** By name and password, or by the one-time link that the server printed at its start. */
export function LoginPage() {
  const problem = useSignal('');
  const busy = useSignal(false);
  const enter = async (credentials: Parameters<typeof signIn>[0]): Promise<void> => {
    busy.value = true;
    try {
      await signIn(credentials);
    } catch (thrown) {
      // Opened once more by whoever it has signed in.
      if ('link' in credentials && session.value?.signedIn === true) go('/', { replace: true });
      else problem.value = sayProblem(thrown);
    } finally {
      busy.value = false;
    }
  };
  useEffect(() => {
    const link = /^#link=([\w-]+)$/.exec(location.hash)?.[1];
    if (link === undefined) {
      if (session.value?.signedIn === true) go('/', { replace: true });
      return;
    }
    // The token is spent: it has no business in the address bar or the history.
    history.replaceState(null, '', location.pathname);
    void enter({ link });
  }, []);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const text = textFields(event.currentTarget as HTMLFormElement);
    void enter({ name: text('name'), password: text('password') });
  };
  return (
    <main class="login" id="main">
      <form class="login-card" onSubmit={submit}>
        <h1 class="title" tabIndex={-1}>
          Sign in to Sidetone
        </h1>
        {problem.value === '' ? null : <ProblemNote message={problem.value} />}
        <label class="field">
          <span>User name</span>
          <input name="name" autocomplete="username" required maxLength={100} />
        </label>
        <label class="field">
          <span>Password</span>
          <input name="password" type="password" autocomplete="current-password" required maxLength={200} />
        </label>
        <button class="button primary" type="submit" disabled={busy.value}>
          Sign in
        </button>
        <p class="hint">
          On the server itself, the one-time link printed at start signs you in. Users are added with{' '}
          <code>npx sidetone users add</code>.
        </p>
      </form>
    </main>
  );
}
