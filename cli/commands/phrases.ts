import { Command } from 'commander';
import { z } from 'zod';
import { phraseItem, phraseList, phraseSuggestions } from '../../dashboards/api/schemas/phrases.ts';
import { ApiClient, queryString } from '../api-client.ts';
import { configOf } from '../config.ts';
import { printJson, printTable } from '../output.ts';

interface Options {
  readonly json?: true;
}

export function phrasesCommand(): Command {
  const phrases = new Command('phrases').description('names and terms that recognition expects in all calls');
  phrases
    .command('list')
    .description('those of the configuration and those that were added')
    .option('--json', 'print JSON')
    .action(async ({ json }: Options, command: Command) => {
      const { items } = await clientOf(command).get('/api/v1/phrases', phraseList);
      if (json === true) printJson(items);
      else if (items.length === 0)
        console.log('None: sidetone phrases add "NAME", or asr.phrases in the configuration.');
      else {
        printTable(
          ['phrase', 'from', 'added by', 'added at'],
          items.map(({ phrase, from, addedBy, addedAt }) => [phrase, from, addedBy ?? '', addedAt ?? '']),
        );
      }
    });
  phrases
    .command('suggest')
    .description('what people have put in place of what was heard, the most often corrected first')
    .option('--json', 'print JSON')
    .action(async ({ json }: Options, command: Command) => {
      const { items } = await clientOf(command).get('/api/v1/phrases/suggestions', phraseSuggestions);
      if (json === true) printJson(items);
      else if (items.length === 0) console.log('None: nobody has corrected a name or term that is not in the list.');
      else {
        printTable(
          ['times', 'heard', 'corrected', 'last'],
          items.map(({ count, heard, corrected, lastAt }) => [String(count), heard, corrected, lastAt]),
        );
      }
    });
  phrases
    .command('add')
    .description('expect it in all calls that begin from now on')
    .argument('<phrase>', 'as it is written')
    .option('--json', 'print JSON')
    .action(async (phrase: string, { json }: Options, command: Command) => {
      const added = await clientOf(command).send('POST', '/api/v1/phrases', phraseItem, { phrase });
      if (json === true) printJson(added);
      else console.log(`${added.phrase} is in the list.`);
    });
  phrases
    .command('remove')
    .description('take it out of the list')
    .argument('<phrase>')
    .action(async (phrase: string, _options: Options, command: Command) => {
      await clientOf(command).send('DELETE', `/api/v1/phrases${queryString({ phrase })}`, z.undefined());
      console.log(`${phrase} is out of the list.`);
    });
  return phrases;
}

function clientOf(command: Command): ApiClient {
  return new ApiClient(configOf(command));
}
