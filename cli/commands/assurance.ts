import { Command } from 'commander';
import { assuranceReport, type AssuranceAnswer } from '../../dashboards/api/schemas/assurance.ts';
import { ApiClient, queryString } from '../api-client.ts';
import { configOf } from '../config.ts';
import { printable, printJson, printTable } from '../output.ts';
import { pagesUrl } from '../own-server.ts';

interface AssuranceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly timeZone?: string;
  readonly days?: true;
  readonly json?: true;
}

export function assuranceCommand(): Command {
  return new Command('assurance')
    .description('whether the sound of calls is all there, by source; exit code 1 below the target share')
    .option('--from <time>', 'calls begun at or after, ISO 8601 (default: 30 days before --to)')
    .option('--to <time>', 'calls begun before, ISO 8601 (default: now)')
    .option('--time-zone <zone>', 'by whose clocks days are told, such as Europe/Berlin')
    .option('--days', 'a row for each day of a source')
    .option('--json', 'print JSON')
    .action(async ({ json, days, ...asked }: AssuranceOptions, command: Command) => {
      const config = configOf(command);
      const path = `/api/v1/assurance${queryString({ ...asked })}`;
      const report = await new ApiClient(config).get(path, assuranceReport);
      if (json === true) printJson(report);
      else tell(report, days === true, `${pagesUrl(config)}/calls/`);
      if (report.share !== null && report.share < report.targetShare) process.exitCode = 1;
    });
}

function tell(report: AssuranceAnswer, byDay: boolean, callPage: string): void {
  const { from, to, share, targetShare, calls, sources, flagged, cdrs, unmatchedCdrs } = report;
  const target =
    share === null ? '' : `, ${share < targetShare ? 'below' : 'and so within'} the target of ${percent(targetShare)}`;
  console.log(`${calls} call${calls === 1 ? '' : 's'} from ${from} to ${to}: ${percent(share)} complete${target}.`);
  if (sources.length > 0) {
    printTable(
      ['source', 'name', ...(byDay ? ['day'] : []), 'calls', 'complete', 'partial', 'missing', 'excluded', 'share'],
      sources.flatMap(({ source, sourceName, days, ...all }) =>
        byDay
          ? days.map((day) => [source, sourceName, day.day, ...countsOf(day)])
          : [[source, sourceName, ...countsOf(all)]],
      ),
    );
  }
  for (const { callId, startedAt, sourceName, verdict, reason } of flagged.items) {
    console.log(
      printable(`${verdict}: ${startedAt} ${sourceName}, ${reason ?? 'no reason stored'}  ${callPage}${callId}`),
    );
  }
  if (flagged.next !== null)
    console.log('There are more; --json has all that a page holds, the assurance page the rest.');
  if (cdrs.total > 0) {
    console.log(`CDRs: ${cdrs.matched} of ${cdrs.total} have their call, ${cdrs.unmatched} have none.`);
    for (const { startedAt, sourceName, uniqueId } of unmatchedCdrs) {
      console.log(printable(`without a call: ${startedAt} ${sourceName} ${uniqueId ?? ''}`.trimEnd()));
    }
  }
}

function countsOf(counts: Pick<AssuranceAnswer, 'calls' | 'complete' | 'partial' | 'missing' | 'excluded' | 'share'>) {
  const { calls, complete, partial, missing, excluded, share } = counts;
  return [...[calls, complete, partial, missing, excluded].map(String), percent(share)];
}

function percent(share: number | null): string {
  return share === null ? 'none to be' : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
