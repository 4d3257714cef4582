import { PageTitle } from '../../parts/shell.tsx';
import { LiveCalls } from './live-calls.tsx';
import { PastCalls } from './past-calls.tsx';

export function CallsPage() {
  return (
    <>
      <PageTitle>Calls</PageTitle>
      <LiveCalls />
      <PastCalls />
    </>
  );
}
