import type { ComponentChildren } from 'preact';
import type { Page } from '#db/types.ts';
import type { SearchItem } from '../../../api/answers.ts';
import { api, queryOf } from '../../client/api.ts';
import { clockTime, isoToLocal, localToIso, moment, partyName, sideParty } from '../../client/format.ts';
import { useLoaded } from '../../client/load.ts';
import { go, query } from '../../client/router.ts';
import { textFields } from '../../client/form.ts';
import { MaskedText } from '../../parts/masked-text.tsx';
import { Pager } from '../../parts/pager.tsx';
import { Empty, ProblemNote } from '../../parts/problem.tsx';
import { PageTitle } from '../../parts/shell.tsx';
import { Choice } from '../calls/call-filters.tsx';

const names = ['q', 'side', 'from', 'to', 'order', 'after'] as const;

/** What was said, over all calls; the address holds the question. */
export function SearchPage() {
  const asked: Record<string, string | undefined> = {};
  for (const name of names) asked[name] = query.value.get(name) ?? undefined;
  const show = (form: HTMLFormElement): void => {
    const text = textFields(form);
    go(
      `/search${queryOf({ q: text('q'), side: text('side'), from: localToIso(text('from')), to: localToIso(text('to')), order: text('order') })}`,
    );
  };
  return (
    <>
      <PageTitle>Search</PageTitle>
      <form
        class="filters"
        role="search"
        aria-label="Search in what was said"
        onSubmit={(event) => {
          event.preventDefault();
          show(event.currentTarget);
        }}
      >
        <label class="field field-wide">
          <span>Words</span>
          <input
            name="q"
            type="search"
            value={asked['q'] ?? ''}
            maxLength={400}
            required
            autofocus
            placeholder={'refund or "money back" -voucher'}
          />
        </label>
        <Choice name="side" label="Said by" value={asked['side'] ?? ''} options={['caller', 'callee']} />
        <label class="field">
          <span>From</span>
          <input type="datetime-local" name="from" value={isoToLocal(asked['from'] ?? null)} />
        </label>
        <label class="field">
          <span>To</span>
          <input type="datetime-local" name="to" value={isoToLocal(asked['to'] ?? null)} />
        </label>
        <Choice name="order" label="Order" value={asked['order'] ?? ''} options={['relevance']} none="newest first" />
        <button type="submit" class="button primary">
          Search
        </button>
      </form>
      {asked['q'] === undefined ? (
        <Empty title="Find the moment.">
          Words in any order; <code>"quotes"</code> for a phrase, <code>or</code> between choices, <code>-</code> before
          what must not be there. A result opens its call at that moment.
        </Empty>
      ) : (
        <Results asked={asked} />
      )}
    </>
  );
}

function Results({ asked }: { readonly asked: Readonly<Record<string, string | undefined>> }) {
  const key = queryOf({ ...asked, limit: '30' });
  const loaded = useLoaded(key, (signal) => api<Page<SearchItem>>(`/search${key}`, { signal }));
  if (loaded.value.state === 'failed') return <ProblemNote message={loaded.value.message} />;
  if (loaded.value.state === 'loading') return <p class="quiet-line">Searching …</p>;
  const { items, next } = loaded.value.value;
  if (items.length === 0) return <Empty title="Nobody said that.">Try fewer words, or another spelling.</Empty>;
  return (
    <>
      <ol class="hits" aria-label="Results">
        {items.map((hit) => (
          <Hit key={hit.utteranceId} hit={hit} />
        ))}
      </ol>
      <Pager
        isFirst={asked['after'] === undefined}
        next={next}
        onNext={(after) => go(`/search${queryOf({ ...asked, after })}`)}
      />
    </>
  );
}

function Hit({ hit }: { readonly hit: SearchItem }) {
  return (
    <li class={`hit hit-${hit.side}`}>
      <a href={`/calls/${hit.callId}?t=${momentOf(hit)}`} class="hit-link">
        <span class="hit-head">
          <span class={`speaker speaker-${hit.side}`}>{hit.speaker}</span>
          <span class="faint">
            {partyName(sideParty(hit, 'caller'))} → {partyName(sideParty(hit, 'callee'))} · {moment(hit.saidAt)} ·{' '}
            {clockTime(hit.startMs)} into the call
          </span>
        </span>
        <span class="hit-text">
          <Highlighted hit={hit} />
        </span>
      </a>
    </li>
  );
}

/** Where the first word that matched is said; the utterance's start where it cannot be told. */
function momentOf({ text, words, startMs, highlights }: SearchItem): number {
  const first = highlights[0];
  if (first === undefined) return startMs;
  const found = text.slice(first.startChar, first.endChar).split(/\s+/)[0] ?? '';
  return words.find((word) => word.text.includes(found))?.startMs ?? startMs;
}

function Highlighted({ hit: { text, highlights } }: { readonly hit: SearchItem }) {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const { startChar, endChar } of highlights) {
    parts.push(<MaskedText text={text.slice(at, startChar)} />);
    parts.push(<mark>{text.slice(startChar, endChar)}</mark>);
    at = endChar;
  }
  parts.push(<MaskedText text={text.slice(at)} />);
  return <>{parts}</>;
}
