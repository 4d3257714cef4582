import { PageTitle } from '../../parts/shell.tsx';
import { KeysSection } from './keys.tsx';
import { UsersSection } from './users.tsx';

/** Who may look, and with which key. */
export function AccessPage() {
  return (
    <>
      <PageTitle>Access</PageTitle>
      <UsersSection />
      <KeysSection />
      <p>
        <a href="/access/speakers">Enrolled voices</a>: who is known by their voice in calls.
      </p>
    </>
  );
}
