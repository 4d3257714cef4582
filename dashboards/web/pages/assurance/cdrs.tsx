import { spokenTime } from '../../client/format.ts';
import { Moment, Zone } from '../../parts/moment.tsx';
import type { AssuranceAnswer } from '../../../api/schemas/assurance.ts';

/** What the PBX says of its calls, held against those that got here. */
export function Cdrs({ answer }: { readonly answer: AssuranceAnswer }) {
  const { total, matched, unmatched, waiting, excluded, files } = answer.cdrs;
  return (
    <section aria-labelledby="cdrs">
      <div class="section-head">
        <h2 id="cdrs">Calls of which nothing got here</h2>
      </div>
      {total === 0 && files.length === 0 ? (
        <p class="quiet-line">
          No call detail records are read. Name the PBX's CDR file under <code>assurance.cdr</code> in the configuration
          (docs/assurance.md), and every call that it knows and Sidetone does not stands here.
        </p>
      ) : (
        <p class="quiet-line">
          {total.toLocaleString()} {total === 1 ? 'record' : 'records'} of the PBX: {matched.toLocaleString()} with a
          call here, {unmatched.toLocaleString()} without, {waiting.toLocaleString()} still looked for,{' '}
          {excluded.toLocaleString()} that need none.
        </p>
      )}
      {answer.unmatchedCdrs.length === 0 ? null : <Unmatched records={answer.unmatchedCdrs} />}
      {files.length === 0 ? null : <Files files={files} />}
    </section>
  );
}

function Unmatched({ records }: { readonly records: AssuranceAnswer['unmatchedCdrs'] }) {
  return (
    <div class="table-frame" role="region" aria-label="Records without a call" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">
              Started <Zone />
            </th>
            <th scope="col">Caller → callee</th>
            <th scope="col" class="numeric">
              Talked
            </th>
            <th scope="col">PBX</th>
            <th scope="col">Its id</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={record.recordId}>
              <th scope="row">
                <Moment at={record.startedAt} to="second" />
              </th>
              <td class="who-cell">
                {record.caller ?? 'withheld'} → {record.callee ?? 'unknown'}
              </td>
              <td class="numeric">{spokenTime(record.talkedMs)}</td>
              <td>{record.sourceName}</td>
              <td>
                <code>{record.uniqueId ?? '–'}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Files({ files }: { readonly files: AssuranceAnswer['cdrs']['files'] }) {
  return (
    <ul class="cdr-files">
      {files.map(({ path, sourceName, lines, badLines, lastBadLine, lastBadProblem, readAt }) => (
        <li key={path}>
          <code>{path}</code> of {sourceName}: {lines.toLocaleString()} lines, last read{' '}
          <Moment at={readAt} to="second" />.
          {badLines === 0 ? null : (
            <span class="bad">
              {' '}
              {badLines.toLocaleString()} could not be read, the last of them line {lastBadLine}: {lastBadProblem}.
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
