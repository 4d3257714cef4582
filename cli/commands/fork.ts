import { Command } from 'commander';
import { z } from 'zod';
import { forked } from '../../dashboards/api/schemas/lists.ts';
import { ApiClient } from '../api-client.ts';
import { callIdOf } from '../call-id.ts';
import { configOf } from '../config.ts';
import { printJson } from '../output.ts';
import { pagesUrl } from '../own-server.ts';

interface RtpengineOptions {
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly caller?: string;
  readonly callee?: string;
  readonly json?: true;
}

export function forkCommand(): Command {
  const fork = new Command('fork').description('take copies of calls that something else carries');
  fork
    .command('rtpengine')
    .description('take a copy of an answered call that rtpengine anchors')
    .argument('<sip-call-id>', 'its Call-ID, as the proxy has it')
    .option('--from-tag <tag>', "the caller's tag, where several parties answered")
    .option('--to-tag <tag>', "the called party's tag")
    .option('--caller <uri>', 'who called, for the record')
    .option('--callee <uri>', 'who was called')
    .option('--json', 'print JSON')
    .action(async (sipCallId: string, { json, ...options }: RtpengineOptions, command: Command) => {
      const config = configOf(command);
      const asked = { sipCallId, ...options };
      const answer = await new ApiClient(config).send('POST', '/api/v1/forks/rtpengine', forked, asked);
      if (json === true) printJson(answer);
      else console.log(`A copy is taken: ${pagesUrl(config)}/calls/${answer.callId}`);
    });
  fork
    .command('release')
    .description('end such a copy; the call itself does not notice')
    .argument('<call>', 'id of the copy')
    .action(async (id: string, _options: object, command: Command) => {
      await new ApiClient(configOf(command)).send('DELETE', `/api/v1/forks/${callIdOf(id)}`, z.unknown());
      console.log('Released.');
    });
  return fork;
}
