import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { resample } from '#lib/audio/resample.ts';
import { readWav } from '#lib/audio/wav.ts';
import { writeMonoWav } from '../softphone/save.ts';
import type { PhoneTransport } from '../softphone/phone.ts';
import { SidetoneError, systemCode, toError } from '#lib/errors.ts';
import { configOf } from '../config.ts';
import { wholeNumber } from '../numbers.ts';
import { formatMs, printJson } from '../output.ts';

interface CallOptions {
  readonly caller: string;
  readonly callee: string;
  readonly to?: string;
  readonly via?: string;
  readonly transport: PhoneTransport;
  readonly calleePort: number;
  readonly save?: string;
  readonly json?: true;
}

export function callCommand(): Command {
  return new Command('call')
    .description('place a real call between two phones, each playing a WAV file, through a server')
    .requiredOption('--caller <wav>', 'what the caller says')
    .requiredOption('--callee <wav>', 'what the called party says')
    .option('--to <uri>', 'URI to call (default: the called phone of this pair)')
    .option('--via <host:port>', 'server to call through (default: the one of this configuration)')
    .addOption(new Option('--transport <transport>', 'SIP transport').choices(['udp', 'tcp']).default('udp'))
    .option('--callee-port <port>', 'SIP port of the called phone, for a route that leads to it', wholeNumber(0), 0)
    .option('--save <dir>', 'write what each phone heard to heard-by-caller.wav and heard-by-callee.wav')
    .option('--json', 'print JSON')
    .action(async (options: CallOptions, command: Command) => {
      const { callBetweenPhones } = await import('../softphone/pair.ts');
      const result = await callBetweenPhones({
        callerPcm: await readTelephoneSound(options.caller),
        calleePcm: await readTelephoneSound(options.callee),
        via: options.via ?? serverOf(command),
        transport: options.transport,
        calleePort: options.calleePort,
        ...(options.to === undefined ? {} : { to: options.to }),
        onAnswered: ({ callId, sipCallId }) => {
          if (options.json !== true)
            console.log(`Answered. Call ${callId ?? '(id not told)'}, SIP Call-ID ${sipCallId}`);
        },
      });
      if (options.save !== undefined) {
        mkdirSync(options.save, { recursive: true });
        writeMonoWav(join(options.save, 'heard-by-caller.wav'), result.heardByCaller);
        writeMonoWav(join(options.save, 'heard-by-callee.wav'), result.heardByCallee);
      }
      const { callId, sipCallId, packetsToCaller, packetsToCallee, endedEarlyAtMs } = result;
      const early = endedEarlyAtMs !== null;
      if (options.json === true)
        printJson({ callId, sipCallId, packetsToCaller, packetsToCallee, result: early ? 'ended-early' : 'completed' });
      else {
        const how = early ? `Ended by the other side or the server after ${formatMs(endedEarlyAtMs)}.` : 'Completed.';
        console.log(`${how} The caller heard ${packetsToCaller} packets, the called party ${packetsToCallee}.`);
      }
      if (early) process.exitCode = 1;
      if (packetsToCaller === 0 || packetsToCallee === 0) {
        throw new SidetoneError('sip-unreachable', 'the call had sound in one direction only, or none');
      }
    });
}

/** The first channel of a WAV file at 8 kHz. */
export async function readTelephoneSound(path: string): Promise<Int16Array> {
  const { sampleRateHz, channels } = await readWav(path).catch((cause: unknown) => {
    if (systemCode(cause) === undefined) throw cause;
    throw new SidetoneError('bad-request', `${path}: cannot be read (${toError(cause).message})`, { cause });
  });
  return resample(channels[0] ?? new Int16Array(0), sampleRateHz);
}

function serverOf(command: Command): string {
  const { sip } = configOf(command);
  return `${sip.host}:${sip.port}`;
}
