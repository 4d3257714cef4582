import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { clockTime, kebabToWords } from '../../client/format.ts';
import { namesBySide } from '../../client/sides.ts';
import { sourceWords } from '../../client/source-words.ts';
import { Moment } from '../../parts/moment.tsx';
import { PageTitle } from '../../parts/shell.tsx';
import { ConnectionMark } from '../calls/live-calls.tsx';
import type { CallAnswer } from '../../../api/answers.ts';
import { Alarms } from './alarms.tsx';
import { CallActions } from './call-actions.tsx';
import type { CallModel } from './call-state.ts';
import { Flags } from './flags.tsx';
import { PausedNote } from './pausing.tsx';

export function CallHeader({ model, view }: { readonly model: CallModel; readonly view: CallAnswer }) {
  return (
    <header class="call-header">
      <div class="call-header-words">
        <PageTitle>
          <Who view={view} />
        </PageTitle>
        <p class="call-facts">
          <Moment at={view.startedAt} to="zoned" />
          <span>
            {view.sourceName} ({sourceWords[view.source]})
          </span>
          <Length view={view} />
          {view.termination === null ? null : (
            <span class={`result result-${view.termination.result}`}>
              {kebabToWords(view.termination.reason)}
              {view.termination.sipStatus === null ? '' : ` (${view.termination.sipStatus})`}
            </span>
          )}
          {model.connection.value === 'ended' ? null : <ConnectionMark state={model.connection.value} />}
        </p>
        <Flags view={view} />
        <PausedNote view={view} />
        <Alarms view={view} />
      </div>
      <CallActions model={model} view={view} />
    </header>
  );
}

/** `callee, agent`: the side where the name does not say it, and the role where it is known. */
function sideAndRole(parties: CallAnswer['parties'], side: string, name: string): string {
  const roles = parties.filter((party) => party.side === side && party.role !== 'unknown').map(({ role }) => role);
  return [...(name === side ? [] : [side]), ...new Set(roles)].join(', ');
}

/** The parties by name and, where the name does not say it, by side; in the colour of that side. */
function Who({ view }: { readonly view: CallAnswer }) {
  return (
    <>
      {namesBySide(view.parties).map(({ side, before, name }) => (
        <>
          <span class="faint">{before}</span>
          {name}
          <span class={`title-side speaker-${side}`}>{sideAndRole(view.parties, side, name)}</span>
        </>
      ))}
    </>
  );
}

function Length({ view: call }: { readonly view: CallAnswer }) {
  const nowEpochMs = useSignal(Date.now());
  useEffect(() => {
    if (!call.live) return undefined;
    const ticking = setInterval(() => (nowEpochMs.value = Date.now()), 1000);
    return () => clearInterval(ticking);
  }, [call.live]);
  if (!call.live)
    return call.durationMs === null ? <span>not answered</span> : <span>{clockTime(call.durationMs)}</span>;
  if (call.answeredAt === null) return <span>{call.state}</span>;
  return <span>{clockTime(nowEpochMs.value - Date.parse(call.answeredAt))}</span>;
}
