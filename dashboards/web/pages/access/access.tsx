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
    </>
  );
}
