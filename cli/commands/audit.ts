import { Command } from 'commander';
import { z } from 'zod';
import { auditRow, auditVerdict } from '../../dashboards/api/schemas/audit.ts';
import { page } from '../../dashboards/api/schemas/common.ts';
import { ApiClient, queryString } from '../api-client.ts';
import { configOf } from '../config.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson, printTable } from '../output.ts';

const claimSchema = z.object({ name: z.string() });

interface ListOptions {
  readonly from?: string;
  readonly to?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly limit: number;
  readonly after?: string;
  readonly json?: true;
}

export function auditCommand(): Command {
  const audit = new Command('audit').description('who did what, and proof that the record is whole');
  audit
    .command('verify')
    .description('check every row of the chain, its signed head, and the head kept outside the database')
    .option('--json', 'print JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const verdict = await new ApiClient(configOf(command)).send('POST', '/api/v1/audit/verify', auditVerdict);
      if (options.json === true) printJson(verdict);
      else printVerdict(verdict);
      if (!verdict.intact) process.exitCode = 1;
    });
  audit
    .command('list')
    .description('rows, newest first')
    .option('--from <time>', 'ISO 8601')
    .option('--to <time>', 'ISO 8601')
    .option('--actor <id>', 'by one user or key')
    .option('--action <action>', 'such as call-opened, search-run, recording-played; a wrong one shows all')
    .option('--target <id>', 'of one call, export, user or key')
    .option('--limit <n>', 'rows at most', wholeNumber(1), 50)
    .option('--after <next>', 'the page after: `next` of the one before')
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: ListOptions, command: Command) => {
      const rows = await new ApiClient(configOf(command)).get(
        `/api/v1/audit${queryString({ ...options })}`,
        page(auditRow),
      );
      if (json === true) {
        printJson(rows);
        return;
      }
      if (rows.items.length === 0) {
        console.log('No row fits.');
        return;
      }
      printTable(
        ['#', 'when', 'who', 'from', 'action', 'target', 'outcome', 'detail'],
        rows.items.map((row) => [
          String(row.sequence),
          row.at ?? 'erased',
          row.actor?.name ?? '',
          row.sourceIp ?? '',
          row.action ?? '',
          row.target === null ? '' : `${row.target.kind} ${row.target.id}`,
          row.outcome ?? '',
          details(row.detail),
        ]),
      );
      if (rows.next !== null) console.log(`More: --after ${rows.next}`);
    });
  return audit;
}

/** `q: refund, results: 1, for: maria (unverified)` */
function details(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const { onBehalfOf, ...rest } = detail as Readonly<Record<string, unknown>>;
  const said = Object.entries(rest).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const claim = claimSchema.safeParse(onBehalfOf);
  if (claim.success) said.push(`for: ${claim.data.name} (unverified)`);
  return said.join(', ');
}

function printVerdict(verdict: z.infer<typeof auditVerdict>): void {
  console.log(
    `Rows checked:          ${verdict.rows} (${verdict.firstSequence ?? '-'} to ${verdict.lastSequence ?? '-'})`,
  );
  console.log(`Rows erased by intent: ${verdict.erasedRows}`);
  console.log(`Signature of the head: ${verdict.headSignature}`);
  // A walk that stops at a wrong row never comes as far as the head.
  const reached =
    verdict.intact || ['tail-cut', 'outside-head-wrong', 'head-wrong', 'earlier-alarm'].includes(verdict.problem);
  console.log(
    `Head kept outside:     ${reached || verdict.outsideHead === 'absent' ? verdict.outsideHead : 'not compared'}`,
  );
  if (verdict.intact) {
    console.log('The audit log is whole: no row edited, none missing, none cut from the end.');
    return;
  }
  const row = verdict.firstWrongSequence === null ? '' : ` First wrong row: ${verdict.firstWrongSequence}.`;
  console.log(`THE AUDIT LOG IS NOT WHOLE (${verdict.problem}).${row} ${verdict.explanation}`);
}
