import { Command } from 'commander';
import { isLoopback } from '#lib/addresses.ts';
import { SidetoneError } from '#lib/errors.ts';
import { sources, type SourceItem, type SourcesAnswer } from '../../dashboards/api/schemas/sources.ts';
import { ApiClient, queryString } from '../api-client.ts';
import { configOf } from '../config.ts';
import { wholeNumber } from '../numbers.ts';
import { printable, printJson, printTable } from '../output.ts';

interface SourcesOptions {
  readonly ladder?: string;
  readonly limit: number;
  readonly json?: true;
}

export function sourcesCommand(): Command {
  return new Command('sources')
    .description('what has sent us calls since the server started: calls, refusals with their remedy, quality')
    .option('--ladder <name>', 'the last SIP dialog of one of them, message by message')
    .option('--limit <n>', 'sources at most', wholeNumber(1), 100)
    .option('--json', 'print JSON')
    .action(async ({ ladder, limit, json }: SourcesOptions, command: Command) => {
      const client = new ApiClient(configOf(command));
      const answer = await client.get(`/api/v1/sources${queryString({ limit })}`, sources);
      if (json === true) printJson(answer);
      else if (ladder === undefined) tell(answer);
      else tellLadder(answer, ladder);
    });
}

function tell({ since, offered, bindings, items }: SourcesAnswer): void {
  const open = bindings.map(({ transport, address, port }) => `${transport} ${address}:${port}`).join(', ');
  console.log(`SIP is open at ${open}; ${offerOf(offered)}.`);
  if (items.length === 0) {
    console.log(`Nothing has come since ${since}.`);
    return;
  }
  printTable(
    ['source', 'name', 'last seen', 'now', 'calls', 'refused', 'MOS', 'from'],
    items.map((item) => [
      item.source,
      item.sourceName,
      item.lastSeenAt,
      String(item.callsNow),
      String(item.calls),
      String(item.refused.reduce((sum, { count }) => sum + count, 0)),
      mosOf(item),
      item.addresses[0] ?? '',
    ]),
  );
  for (const { source, sourceName, refused, remarks } of items) {
    tellReasons(`${source} ${sourceName}, refused:`, refused);
    tellReasons(`${source} ${sourceName}, taken with something amiss:`, remarks);
  }
}

function tellReasons(title: string, reasons: SourceItem['refused']): void {
  if (reasons.length > 0) console.log(`\n${printable(title)}`);
  for (const { reason, remedy, count } of reasons) console.log(printable(`  ${count} x ${reason}: ${remedy}`));
}

function offerOf({ address, chosenBy }: SourcesAnswer['offered']): string {
  if (address !== null && isLoopback(address)) return 'other machines do not reach it (sip.host)';
  return `peers on other machines are told ${address ?? 'the address on which each is reached'} (${chosenBy})`;
}

/** Of the last call: `caller 4.1, callee 3.9`. */
function mosOf({ lastCall }: SourceItem): string {
  return Object.entries(lastCall?.legs ?? {})
    .flatMap(([side, { mos }]) => (mos === null ? [] : [`${side} ${mos.toFixed(1)}`]))
    .join(', ');
}

function tellLadder({ items }: SourcesAnswer, name: string): void {
  const named = items.filter(({ sourceName }) => sourceName === name);
  if (named.length === 0) throw new SidetoneError('not-found', 'no source of that name has sent anything');
  // A trunk that sends calls and copies is two sources of one name.
  const found = named.filter(({ ladder }) => ladder.length > 0);
  if (found.length === 0) console.log('It has had no SIP dialog with us.');
  for (const { source, ladder } of found) {
    console.log(`${source}:`);
    tellMessages(ladder);
  }
}

function tellMessages(ladder: SourceItem['ladder']): void {
  for (const { at, direction, peer, transport, summary, text } of ladder) {
    const arrow = direction === 'received' ? '<-' : '->';
    console.log(printable(`${at} ${arrow} ${peer} ${transport}  ${summary}`));
    for (const line of text.split(/\r?\n/)) console.log(`    ${printable(line)}`);
  }
}
