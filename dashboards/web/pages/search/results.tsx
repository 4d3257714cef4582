import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Page } from '#db/types.ts';
import type { SearchItem } from '../../../api/answers.ts';
import { api, queryOf } from '../../client/api.ts';
import { useLoaded } from '../../client/load.ts';
import { go } from '../../client/router.ts';
import { Pager } from '../../parts/pager.tsx';
import { Empty, ProblemNote } from '../../parts/problem.tsx';
import { Zone } from '../../parts/moment.tsx';
import { Hit } from './hit.tsx';

const perPage = 30;

/**
 * What was found. Who has just searched, by key or button, stands on the heading when it comes, so that the first result
 * is one Tab away, and hears how many there are; where nothing was found one stays in the field, to try other words.
 */
export function Results(props: {
  readonly asked: Readonly<Record<string, string | undefined>>;
  /** Counts the searches made by hand on this page; 0: it was opened by its address. */
  readonly searches: number;
}) {
  const { asked, searches } = props;
  const key = queryOf({ ...asked, limit: String(perPage) });
  const loaded = useLoaded(`${key} ${searches}`, (signal) => api<Page<SearchItem>>(`/search${key}`, { signal }));
  const pages = useSignal(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const page = loaded.value.state === 'there' ? loaded.value.value : undefined;
  useEffect(() => {
    if (page !== undefined && page.items.length > 0 && searches + pages.value > 0) heading.current?.focus();
  }, [page]);
  return (
    <section aria-labelledby="results-title">
      <div class="section-head">
        <h2 id="results-title" ref={heading} tabIndex={-1} aria-describedby="results-count">
          Results
        </h2>
        <span id="results-count" class="faint" role="status">
          {page === undefined ? null : sayCount(page, asked['after'] === undefined)}{' '}
          {page !== undefined && page.items.length > 0 ? <Zone /> : null}
        </span>
      </div>
      {loaded.value.state === 'failed' ? <ProblemNote message={loaded.value.message} /> : null}
      {loaded.value.state === 'loading' ? <p class="quiet-line">Searching …</p> : null}
      {page === undefined ? null : page.items.length === 0 ? (
        <Empty title="Nobody said that.">Try fewer words, or another spelling.</Empty>
      ) : (
        <>
          <ol class="hits" aria-label="Results">
            {page.items.map((hit) => (
              <Hit key={hit.utteranceId} hit={hit} />
            ))}
          </ol>
          <Pager
            isFirst={asked['after'] === undefined}
            next={page.next}
            onNext={(after) => {
              pages.value++;
              go(`/search${queryOf({ ...asked, after })}`);
            }}
          />
        </>
      )}
    </section>
  );
}

function sayCount({ items, next }: Page<SearchItem>, isFirst: boolean): string {
  if (items.length === 0) return 'nothing found';
  const shown = `${items.length} ${items.length === 1 ? 'result' : 'results'}`;
  return isFirst && next === null ? shown : `${shown} on this page`;
}
