import { Command } from 'commander';
import { chosenModel } from '../../asr/models/choice.ts';
import { archiveUrl, catalogue, type CatalogueModel } from '../../asr/models/catalogue.ts';
import { knownModels } from '../../asr/models/known.ts';
import { pullModel } from '../../asr/models/pull.ts';
import { SidetoneError } from '#lib/errors.ts';
import { currentModel } from '../../dashboards/api/schemas/models.ts';
import { ApiClient } from '../api-client.ts';
import { configOf } from '../config.ts';
import { engineOptionsOf, modelsDirOf } from '../engine-options.ts';
import { checkModel, type ModelCheck } from '../model-check.ts';
import { clearProgress, printJson, printTable, showProgress } from '../output.ts';

/** `sidetone models list|pull|use|check` */
export function modelsCommand(): Command {
  return new Command('models')
    .description('recogniser models: what there is, getting one, changing to it, trying it out')
    .addCommand(listCommand())
    .addCommand(pullCommand())
    .addCommand(useCommand())
    .addCommand(checkCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('models that are here, and open ones that can be pulled')
    .option('--json', 'print JSON')
    .action(async ({ json }: { readonly json?: true }, command: Command) => {
      const config = configOf(command);
      const { model } = config.asr;
      const known = await knownModels(modelsDirOf(config), model, chosenModel(modelsDirOf(config), model));
      if (json === true) {
        printJson(known);
        return;
      }
      printTable(
        ['name', 'state', 'languages', 'licence', 'MB', 'about'],
        known.map(({ name, inUse, isHere, languages, licence, downloadBytes }) => [
          name,
          inUse ? 'in use' : isHere ? 'here' : '',
          languages.length > 6 ? `${languages.length} languages` : languages.join(' '),
          licence ?? '',
          downloadBytes === null ? '' : `~${Math.round(downloadBytes / 1e6)}`,
          catalogue.find((each) => each.name === name)?.note ?? '',
        ]),
      );
      console.log(
        '\nNone of those that can be pulled has been run by the makers of Sidetone: try one with `models check`.',
      );
    });
}

interface PullFlags {
  readonly from?: string;
  readonly repin?: true;
}

function pullCommand(): Command {
  return new Command('pull')
    .description('download, verify and unpack a model of the list; after a break the same command goes on')
    .argument('<name>', 'as `models list` has it')
    .option('--from <url>', 'the archive somewhere else: a mirror, or a model of your own under a new name')
    .option('--repin', 'take an archive that differs from the one that was first pulled under this name')
    .action(async (name: string, { from, repin }: PullFlags, command: Command) => {
      const known = catalogue.find((model) => model.name === name) ?? brought(name, from);
      let lastMs = 0;
      const { folder, sha256, isFirst } = await pullModel(
        { ...known, url: from ?? archiveUrl(known) },
        {
          modelsDir: modelsDirOf(configOf(command)),
          repin: repin === true,
          onStep: (step) => showProgress(`${name}: ${step} ...`),
          onProgress: (done, total) => {
            if (Date.now() - lastMs < 100 && done !== total) return;
            lastMs = Date.now();
            showProgress(progressLine(name, done, total));
          },
        },
      ).finally(clearProgress);
      console.log(`${name} is in ${folder}`);
      console.log(
        isFirst
          ? `sha256 ${sha256}: pinned; nobody had checked this archive before`
          : `sha256 ${sha256}: the one that was pinned`,
      );
      console.log(`Licence: ${known.licence}. Try it: sidetone models check ${name}`);
    });
}

function brought(name: string, from: string | undefined): CatalogueModel {
  if (from === undefined) throw new SidetoneError('not-found', `no model ${name} is known: sidetone models list`);
  return { name, archive: name, languages: [], licence: 'unknown', aboutMb: 0, note: '' };
}

/** `parakeet-v3: [#########-----------]  45 %  219 of 487 MB` */
function progressLine(name: string, done: number, total: number | null): string {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  if (total === null) return `${name}: ${mb(done)} MB`;
  const share = done / Math.max(1, total);
  const bar = '#'.repeat(Math.floor(20 * share)).padEnd(20, '-');
  return `${name}: [${bar}] ${String(Math.floor(100 * share)).padStart(3)} %  ${mb(done)} of ${mb(total)} MB`;
}

function useCommand(): Command {
  return new Command('use')
    .description('the running server recognises with this model from now on; calls go on')
    .argument('<name>', 'as `models list` has it')
    .action(async (name: string, _options: object, command: Command) => {
      const client = new ApiClient(configOf(command));
      showProgress(`${name}: the server loads it and moves its calls ...`);
      const { model } = await client
        .send('PUT', '/api/v1/models/current', currentModel, { model: name })
        .finally(clearProgress);
      console.log(`${model} is in use, for calls under way too, and after the next start.`);
    });
}

function checkCommand(): Command {
  return new Command('check')
    .description('run a model on a synthetic English call, and say what it can do; needs no server')
    .argument('[name]', 'default: the one in use')
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, { json }: { readonly json?: true }, command: Command) => {
      const config = configOf(command);
      const { loadEngine } = await import('../../asr/engines/load.ts');
      const choice = name ?? chosenModel(modelsDirOf(config), config.asr.model);
      const done = await checkModel(() => loadEngine(choice, engineOptionsOf(config)));
      if (json === true) printJson(done);
      else printCheck(done);
      // Silence that reads as words, or half of the words wrong, is no model to work with.
      if (done.inventedWords > 0 || done.wordErrorRate > 50) process.exitCode = 1;
    });
}

function printCheck(check: ModelCheck): void {
  const own = (has: boolean): string => (has ? 'its own' : 'worked out');
  printTable(
    [check.name, ''],
    [
      ['language', check.language],
      ['words', `${check.words} in ${check.turns} turns of two synthetic English voices`],
      ['word errors', `${check.wordErrorRate.toFixed(1)} %`],
      ['words put to silence', String(check.inventedWords)],
      ['word times', own(check.gives.times)],
      ['confidence', check.gives.confidence ? `its own, ${check.confidence.toFixed(2)} on average` : 'none: 1 for all'],
      ['CPU', `${check.cpuPerSecond.toFixed(3)} s for a second of speech, one thread`],
      ['loading', `${(check.loadMs / 1000).toFixed(1)} s`],
      ['memory', `${Math.round(check.memoryMb)} MB a process`],
    ],
  );
}
