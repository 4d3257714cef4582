import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/live.css';
import './styles/marks.css';
import './styles/lists.css';
import './styles/waveform.css';
import './styles/transcript.css';
import './styles/call.css';
import './styles/sources.css';
import './styles/assurance.css';
import './styles/speakers.css';
import { path, startRouter } from './client/router.ts';
import { isAdmin, loadSession, session } from './client/session.ts';
import { AccessPage } from './pages/access/access.tsx';
import { SpeakersPage } from './pages/access/speakers.tsx';
import { AssurancePage } from './pages/assurance/assurance.tsx';
import { AuditPage } from './pages/audit/audit.tsx';
import { CallPage } from './pages/call/call.tsx';
import { CallsPage } from './pages/calls/calls.tsx';
import { ExportsPage } from './pages/exports/exports.tsx';
import { LoginPage } from './pages/login/login.tsx';
import { SearchPage } from './pages/search/search.tsx';
import { SourcesPage } from './pages/sources/sources.tsx';
import { Empty } from './parts/problem.tsx';
import { PageTitle, Shell } from './parts/shell.tsx';

function Page() {
  const call = /^\/calls\/([\w-]+)$/.exec(path.value)?.[1];
  if (call !== undefined) return <CallPage key={call} callId={call} />;
  if (path.value === '/' || path.value === '/calls') return <CallsPage />;
  if (path.value === '/search') return <SearchPage />;
  if (path.value === '/assurance') return <AssurancePage />;
  if (isAdmin.value && path.value === '/sources') return <SourcesPage />;
  if (isAdmin.value && path.value === '/exports') return <ExportsPage />;
  if (isAdmin.value && path.value === '/audit') return <AuditPage />;
  if (isAdmin.value && path.value === '/access') return <AccessPage />;
  if (isAdmin.value && path.value === '/access/speakers') return <SpeakersPage />;
  return (
    <>
      <PageTitle>Nothing here</PageTitle>
      <Empty title="This page is not there, or needs an admin." />
    </>
  );
}

function App() {
  if (session.value === undefined) return null;
  if (!session.value.signedIn || path.value === '/login') return <LoginPage />;
  return (
    <Shell>
      <Page />
    </Shell>
  );
}

startRouter();
void loadSession();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
