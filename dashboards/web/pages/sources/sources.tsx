import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { api } from '../../client/api.ts';
import { useLoaded } from '../../client/load.ts';
import { Moment, Zone } from '../../parts/moment.tsx';
import { Empty, ProblemNote } from '../../parts/problem.tsx';
import { PageTitle } from '../../parts/shell.tsx';
import type { SourcesAnswer } from '../../../api/schemas/sources.ts';
import { SourceCard } from './source-card.tsx';

/** What sends us calls, and what of it we had to refuse. */
export function SourcesPage() {
  const version = useSignal(0);
  const loaded = useLoaded(`sources ${version.value}`, (signal) => api<SourcesAnswer>('/sources', { signal }));
  return (
    <>
      <div class="section-head">
        <PageTitle>Sources</PageTitle>
        <button type="button" class="button" onClick={() => version.value++}>
          Refresh
        </button>
      </div>
      {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
      {loaded.value.state === 'there' ? <Book answer={loaded.value.value} /> : null}
    </>
  );
}

function Book({ answer }: { readonly answer: SourcesAnswer }) {
  const { since, items } = answer;
  return (
    <>
      <HowToReach answer={answer} />
      {items.length === 0 ? (
        <Empty title="Nothing has sent us anything yet.">
          <HowToBegin />
        </Empty>
      ) : (
        <>
          <p class="quiet-line">
            Since the server started, <Moment at={since} to="second" /> <Zone />
          </p>
          <div class="sources">
            {items.map((item, index) => (
              <SourceCard key={`${item.source} ${item.sourceName}`} item={item} index={index} />
            ))}
          </div>
        </>
      )}
    </>
  );
}

/** Where SIP is open, and which address other machines are told to send their sound to. */
function HowToReach({ answer: { offered, bindings } }: { readonly answer: SourcesAnswer }) {
  return (
    <dl class="source-facts reach">
      <div>
        <dt>SIP is open at</dt>
        <dd>
          {bindings.length === 0
            ? 'nothing yet: signalling is still starting'
            : bindings.map(({ transport, address, port }) => (
                <code key={`${transport} ${address} ${port}`}>{`${address}:${port}/${transport} `}</code>
              ))}
        </dd>
      </div>
      <div>
        <dt>Address offered for sound</dt>
        <dd>{offeredWords(offered)}</dd>
      </div>
    </dl>
  );
}

function offeredWords({ address, chosenBy }: SourcesAnswer['offered']): ComponentChildren {
  const setting = <code>SIDETONE_ADVERTISE_ADDRESS</code>;
  switch (chosenBy) {
    case 'advertise-address':
      return (
        <>
          <code>{address}</code>, as {setting} says
        </>
      );
    case 'bound-address':
      if (isOfThisMachine(address)) {
        return (
          <>
            <code>{address}</code>: this machine alone reaches it; <code>SIDETONE_SIP_HOST</code> opens SIP to others
          </>
        );
      }
      return (
        <>
          <code>{address}</code>, to which SIP is bound; {setting} sets another
        </>
      );
    case 'route-to-peer':
      return <>chosen for each peer, by the way that leads there; behind NAT set {setting}</>;
    default:
      return chosenBy satisfies never;
  }
}

function isOfThisMachine(address: string | null): boolean {
  return address !== null && (address === '::1' || address.startsWith('127.'));
}

function HowToBegin() {
  return (
    <>
      Route a trunk through the SIP address above (docs/pbx.md), point your session border controller's SIPREC recorder
      at it (docs/pbx/siprec.md), have copies taken from a Kamailio with rtpengine (docs/pbx/kamailio-rtpengine.md) or
      streams sent by Asterisk (docs/pbx/asterisk.md), FreeSWITCH (docs/pbx/freeswitch.md) and others
      (docs/pbx/streams.md), or hand in files on the page Calls (docs/ingest.md).
    </>
  );
}
