import type { CallAudio } from './call-audio.ts';
import { Call } from './call.ts';
import { Fork } from './fork.ts';
import type { MediaCommand } from './messages.ts';
import type { WorkerCall } from './worker-call.ts';

/** What a worker has of the call that a command is for; undefined: not, or no longer, such a thing. */
export interface Commanded {
  readonly call: WorkerCall | undefined;
  readonly audio: CallAudio | undefined;
  /** It was to be finished, and nothing of it is kept. */
  readonly nothingToFinish: () => void;
}

/** Does to a call what a command says. Throws whatever the call throws. */
export function obey(message: MediaCommand, { call, audio, nothingToFinish }: Commanded): void {
  const bridged = call instanceof Call ? call : undefined;
  const fork = call instanceof Fork ? call : undefined;
  switch (message.command) {
    case 'update':
      bridged?.update(message.side, message.settings);
      return;
    case 'update-stream':
      fork?.update(message.side, message.settings);
      return;
    case 'close-stream':
      fork?.closeStream(message.side);
      return;
    case 'pcm':
      fork?.write(message.side, message.bytes);
      return;
    case 'pcm-gap':
      fork?.gap(message.side, message.ms);
      return;
    case 'packet':
      fork?.packet(message.side, message.bytes, message.atMs);
      return;
    case 'captured-hold':
      fork?.capturedHold(message.side, message.holding, message.atMs);
      return;
    case 'captured-key':
      fork?.capturedKey(message.side, message.durationMs, message.atMs);
      return;
    case 'digit':
      call?.digit(message.side, message.durationMs);
      return;
    case 'pause':
      call?.pause(message.paused);
      return;
    case 'attach':
      audio?.attach(message.socketPath, message.fromSample);
      return;
    case 'decided':
      audio?.decided(message.side, message.sample);
      return;
    case 'release':
      audio?.release(message.untilSample, message.silence, message.unheard);
      return;
    case 'finish':
      if (audio === undefined) nothingToFinish();
      else audio.finish();
      return;
    default:
      message satisfies never;
  }
}
