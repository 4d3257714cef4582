import { useSignal } from '@preact/signals';
import { partySides } from '#sip/types.ts';
import { queryOf } from '../../client/api.ts';
import { textFields } from '../../client/form.ts';
import { isoToLocal, localToIso } from '../../client/format.ts';
import { go, query } from '../../client/router.ts';
import { Zone } from '../../parts/moment.tsx';
import { Empty } from '../../parts/problem.tsx';
import { PageTitle } from '../../parts/shell.tsx';
import { Choice } from '../calls/call-filters.tsx';
import { Results } from './results.tsx';

const names = ['q', 'side', 'from', 'to', 'order', 'after'] as const;

/** What was said, over all calls; the address holds the question. */
export function SearchPage() {
  const searches = useSignal(0);
  const asked: Record<string, string | undefined> = {};
  for (const name of names) asked[name] = query.value.get(name) ?? undefined;
  const show = (form: HTMLFormElement): void => {
    const text = textFields(form);
    searches.value++;
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
        <Choice name="side" label="Said by" value={asked['side'] ?? ''} options={partySides} />
        <label class="field">
          <span>
            From <Zone />
          </span>
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
        <Results asked={asked} searches={searches.value} />
      )}
    </>
  );
}
