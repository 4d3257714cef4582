import { Command } from 'commander';
import { pausing } from '../../dashboards/api/schemas/lists.ts';
import { ApiClient } from '../api-client.ts';
import { callIdOf } from '../call-id.ts';
import { configOf } from '../config.ts';
import { printJson } from '../output.ts';

/** `sidetone pause` and `sidetone resume`. */
export function pauseCommands(): readonly Command[] {
  return [
    pausingCommand('pause', 'stop recording and transcription of a running call; its parties do not notice'),
    pausingCommand('resume', 'let recording and transcription of a running call go on'),
  ];
}

function pausingCommand(word: 'pause' | 'resume', description: string): Command {
  return new Command(word)
    .description(description)
    .argument('<call>', 'id of the call')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { readonly json?: true }, command: Command) => {
      const client = new ApiClient(configOf(command));
      const answer = await client.send('POST', `/api/v1/calls/${callIdOf(id)}/${word}`, pausing);
      if (options.json === true) printJson(answer);
      else if (answer.paused)
        console.log('Paused: nothing of the call is recorded or transcribed until it is resumed.');
      else console.log('Recording and transcription go on.');
    });
}
