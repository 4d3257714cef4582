import { useSignal } from '@preact/signals';
import type { ExportGone, Page, StoredExport } from '#db/types.ts';
import { api, queryOf, sayProblem } from '../../client/api.ts';
import { kebabToWords, localToIso } from '../../client/format.ts';
import { useLoaded } from '../../client/load.ts';
import { go, query } from '../../client/router.ts';
import { textFields } from '../../client/form.ts';
import { Moment, Zone } from '../../parts/moment.tsx';
import { Pager } from '../../parts/pager.tsx';
import { Empty, ProblemNote } from '../../parts/problem.tsx';
import { PageTitle } from '../../parts/shell.tsx';

interface ExportView extends StoredExport {
  readonly available: boolean;
  readonly items: readonly { readonly path: string; readonly bytes: number | null; readonly sha256: string }[];
}

/** What has been handed out; one of them open, with its files. */
export function ExportsPage() {
  const made = query.value.get('made');
  return (
    <>
      <PageTitle>Exports</PageTitle>
      <MakeExport />
      {made === null ? null : <OpenExport key={made} exportId={made} />}
      <ExportList open={made} />
    </>
  );
}

function MakeExport() {
  const problem = useSignal('');
  const busy = useSignal(false);
  const make = async (form: HTMLFormElement): Promise<void> => {
    const text = textFields(form);
    busy.value = true;
    problem.value = '';
    try {
      const body = { from: localToIso(text('from')), to: localToIso(text('to')) };
      const { exportId } = await api<ExportView>('/exports', { method: 'POST', body });
      go(`/exports?made=${exportId}`);
    } catch (thrown) {
      problem.value = sayProblem(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="filters"
      aria-label="Export a period"
      onSubmit={(event) => {
        event.preventDefault();
        void make(event.currentTarget);
      }}
    >
      <label class="field">
        <span>
          Calls that began from <Zone />
        </span>
        <input type="datetime-local" name="from" required />
      </label>
      <label class="field">
        <span>until</span>
        <input type="datetime-local" name="to" required />
      </label>
      <button type="submit" class="button primary" disabled={busy.value}>
        {busy.value ? 'Exporting …' : 'Export the period'}
      </button>
      {problem.value === '' ? null : <ProblemNote message={problem.value} />}
    </form>
  );
}

function OpenExport({ exportId }: { readonly exportId: string }) {
  const loaded = useLoaded(exportId, (signal) => api<ExportView>(`/exports/${exportId}`, { signal }));
  if (loaded.value.state === 'failed') return <ProblemNote message={loaded.value.message} />;
  if (loaded.value.state === 'loading') return null;
  const { value } = loaded.value;
  return (
    <section class="panel" aria-labelledby="open-export">
      <h2 id="open-export">
        {value.calls} {value.calls === 1 ? 'call' : 'calls'}, made <Moment at={value.madeAt} to="zoned" />
      </h2>
      {value.correctedAt === null || value.goneBecause !== null ? null : <OutOfDate at={value.correctedAt} />}
      {value.available ? (
        <div class="table-frame">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col" class="numeric">
                  Bytes
                </th>
                <th scope="col">SHA-256</th>
              </tr>
            </thead>
            <tbody>
              {value.items.map((file) => (
                <tr key={file.path}>
                  <th scope="row">
                    <a href={`/api/v1/exports/${exportId}/files/${file.path}`} download={file.path}>
                      {file.path}
                    </a>
                  </th>
                  <td class="numeric">{file.bytes?.toLocaleString() ?? ''}</td>
                  <td>
                    <code class="digest">{file.sha256}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="quiet-line">{goneWords(value.goneBecause)}</p>
      )}
    </section>
  );
}

function OutOfDate({ at }: { readonly at: string }) {
  return (
    <p class="flag">
      <strong>Out of date:</strong> who is who in a call of it was put right on <Moment at={at} to="second" />, after it
      was made. These files say what was said before; export anew for what is right.
    </p>
  );
}

function goneWords(because: ExportGone | null): string {
  if (because === 'call-deleted') return 'Its files are gone: a call in it has been deleted since.';
  if (because === 'late-redaction')
    return 'Its files are gone: something in a call of it was found and redacted after it was made. Export it anew.';
  if (because === 'consent-withdrawn')
    return 'Its files are gone: somebody who was named in it by their voice took that back. Export it anew.';
  return 'Its files are not on this server.';
}

function ExportList({ open }: { readonly open: string | null }) {
  const after = query.value.get('after') ?? undefined;
  const key = queryOf({ limit: '25', after });
  const loaded = useLoaded(`${key} ${open}`, (signal) => api<Page<StoredExport>>(`/exports${key}`, { signal }));
  if (loaded.value.state === 'failed') return <ProblemNote message={loaded.value.message} />;
  if (loaded.value.state === 'loading') return null;
  const { items, next } = loaded.value.value;
  if (items.length === 0) return <Empty title="Nothing has been exported yet.">A call's page exports that call.</Empty>;
  return (
    <>
      <div class="table-frame">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">
                Made <Zone />
              </th>
              <th scope="col">By</th>
              <th scope="col" class="numeric">
                Calls
              </th>
              <th scope="col" class="numeric">
                Bytes
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.exportId}>
                <th scope="row">
                  <a href={`/exports?made=${item.exportId}`}>
                    <Moment at={item.madeAt} to="second" />
                  </a>{' '}
                  {item.goneBecause !== null ? (
                    <span class="chip">{kebabToWords(item.goneBecause)}</span>
                  ) : item.correctedAt !== null ? (
                    <span class="chip chip-warn">out of date</span>
                  ) : null}
                </th>
                <td>{item.madeBy.name}</td>
                <td class="numeric">{item.calls}</td>
                <td class="numeric">{item.bytes.toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager isFirst={after === undefined} next={next} onNext={(key2) => go(`/exports${queryOf({ after: key2 })}`)} />
    </>
  );
}
