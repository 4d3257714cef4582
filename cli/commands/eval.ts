import { Command } from 'commander';
import { evalDerCommand } from './eval-der.ts';
import { evalEerCommand } from './eval-eer.ts';
import { evalItnCommand } from './eval-itn.ts';
import { evalPartialsCommand } from './eval-partials.ts';
import { evalRedactionCommand } from './eval-redaction.ts';
import { evalTimesCommand } from './eval-times.ts';
import { evalWerCommand } from './eval-wer.ts';

export function evalCommand(): Command {
  return new Command('eval')
    .description('measure on speech of your own; needs no server')
    .addCommand(evalWerCommand())
    .addCommand(evalTimesCommand())
    .addCommand(evalPartialsCommand())
    .addCommand(evalRedactionCommand())
    .addCommand(evalItnCommand())
    .addCommand(evalEerCommand())
    .addCommand(evalDerCommand());
}
