import { styleText } from 'node:util';
import { Command } from 'commander';
import { page as pageOf } from '../../dashboards/api/schemas/common.ts';
import { searchHit } from '../../dashboards/api/schemas/lists.ts';
import { callIdOf } from '../call-id.ts';
import { ApiClient, queryString } from '../api-client.ts';
import { configOf } from '../config.ts';
import { wholeNumber } from '../numbers.ts';
import { formatMs, printJson } from '../output.ts';
import { pagesUrl } from '../own-server.ts';

interface SearchOptions {
  readonly side?: string;
  readonly speaker?: string;
  readonly from?: string;
  readonly to?: string;
  readonly call?: string;
  readonly limit: number;
  readonly after?: string;
  readonly json?: true;
}

export function searchCommand(): Command {
  return new Command('search')
    .description('find what was said: words, "a phrase", or, -not')
    .argument('<query...>')
    .option('--side <side>', 'caller, callee, other or mixed')
    .option('--speaker <name>', 'by whom, as the transcript has it')
    .option('--from <time>', 'said at or after, ISO 8601')
    .option('--to <time>', 'said before, ISO 8601')
    .option('--call <id>', 'in one call')
    .option('--limit <n>', 'results at most', wholeNumber(1), 20)
    .option('--after <next>', 'the page after: `next` of the one before')
    .option('--json', 'print JSON')
    .action(async (words: readonly string[], { json, ...options }: SearchOptions, command: Command) => {
      if (options.call !== undefined) callIdOf(options.call);
      const config = configOf(command);
      const client = new ApiClient(config);
      const q = words.map((word) => (words.length > 1 && /\s/.test(word) ? `"${word}"` : word)).join(' ');
      const found = await client.get(`/api/v1/search${queryString({ q, ...options })}`, pageOf(searchHit));
      if (json === true) {
        printJson(found);
        return;
      }
      for (const { callId, side, startMs, text, saidAt, highlights } of found.items) {
        const page = `${pagesUrl(config)}/calls/${callId}?t=${startMs}`;
        console.log(`${saidAt.slice(0, 19)}Z  ${formatMs(startMs)}  ${side}  ${page}`);
        console.log(`    ${highlighted(text, highlights)}`);
      }
      if (found.items.length === 0) console.log('Nothing found.');
      if (found.next !== null) console.log(`More: --after ${found.next}`);
    });
}

function highlighted(
  text: string,
  ranges: readonly { readonly startChar: number; readonly endChar: number }[],
): string {
  let marked = '';
  let at = 0;
  for (const { startChar, endChar } of ranges) {
    marked += text.slice(at, startChar) + styleText(['bold', 'underline'], text.slice(startChar, endChar));
    at = endChar;
  }
  return marked + text.slice(at);
}
