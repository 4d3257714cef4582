import { resolve } from 'node:path';
import { Command } from 'commander';
import { RuleEvaluator } from '../../analytics/rules/evaluator.ts';
import { loadActiveRules } from '../../analytics/rules/active.ts';
import { loadRules, type Rule } from '../../analytics/rules/schema.ts';
import type { Finding } from '#analytics/types.ts';
import { z } from 'zod';
import { page } from '../../dashboards/api/schemas/common.ts';
import { call, utterance } from '../../dashboards/api/schemas/call.ts';
import { ApiClient, queryString } from '../api-client.ts';
import { configOf } from '../config.ts';
import { formatMs, printJson, printTable } from '../output.ts';

const callHead = call.pick({ callId: true, answeredMs: true, mediaStartedAt: true, endedAt: true, state: true });
const transcript = z.object({ items: z.array(utterance) });
const callsPerPage = 200;

export function rulesCommand(): Command {
  const rules = new Command('rules').description('the phrases that are looked for');
  rules
    .command('check')
    .description('read a file of rules and say what is wrong with it')
    .argument('[file]', 'default: the rules of this configuration')
    .option('--json', 'print JSON')
    .action((file: string | undefined, options: { readonly json?: true }, command: Command) => {
      const checked = rulesOf(file, command);
      if (options.json === true)
        printJson(checked.map(({ id, title, kind, severity }) => ({ id, title, kind, severity })));
      else console.log(`${checked.length} rules, none wrong.`);
    });
  rules
    .command('dry-run')
    .description('run rules over stored calls and show what they would have found; nothing is stored')
    .argument('[file]', 'default: the rules of this configuration')
    .option('--from <time>', 'calls started at or after, ISO 8601')
    .option('--to <time>', 'calls started before, ISO 8601')
    .option('--json', 'print JSON')
    .action(async (file: string | undefined, options: DryRunOptions, command: Command) => {
      const findings = await dryRun(new ApiClient(configOf(command)), rulesOf(file, command), options);
      if (options.json === true) {
        printJson(findings);
        return;
      }
      printTable(
        ['call', 'at', 'severity', 'rule', 'evidence'],
        findings.map((found) => [found.callId, formatMs(found.startMs), found.severity, found.ruleId, found.evidence]),
      );
    });
  return rules;
}

interface DryRunOptions {
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

function rulesOf(file: string | undefined, command: Command): readonly Rule[] {
  return file === undefined ? loadActiveRules(configOf(command)) : loadRules(resolve(file));
}

async function dryRun(client: ApiClient, rules: readonly Rule[], options: DryRunOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let after: string | undefined;
  do {
    const asked = { from: options.from, to: options.to, state: 'ended', limit: callsPerPage, after };
    const calls = await client.get(`/api/v1/calls${queryString(asked)}`, page(callHead));
    for (const each of calls.items) findings.push(...(await findingsIn(client, rules, each)));
    after = calls.next ?? undefined;
  } while (after !== undefined);
  return findings;
}

async function findingsIn(
  client: ApiClient,
  rules: readonly Rule[],
  { callId, answeredMs }: z.infer<typeof callHead>,
): Promise<readonly Finding[]> {
  const { items } = await client.get(`/api/v1/calls/${callId}/transcript`, transcript);
  const evaluator = new RuleEvaluator(callId, rules);
  if (answeredMs !== null) evaluator.answered(answeredMs);
  const findings: Finding[] = [];
  for (const said of items) {
    findings.push(...evaluator.utterance(said));
  }
  findings.push(...evaluator.ended(items.at(-1)?.endMs ?? 0));
  return findings;
}
