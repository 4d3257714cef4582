import { constants } from 'node:os';
import { SidetoneError, toError, unreachable } from '#lib/errors.ts';
import { createLogger } from '#lib/log.ts';
import { loadEngines } from '../engines/by-language.ts';
import type { RecogniserEngine } from '../engines/types.ts';
import { giveWay } from '../process/give-way.ts';
import type { SecondChildMessage, SecondParentMessage } from './messages.ts';
import { pieceText } from './piece-text.ts';

/**
 * The process of the second pass, forked by second-recogniser.ts: everything else goes before it. It ends when its
 * parent says so or is gone, and at no signal: the parent closes first. As in a recogniser process, exits come between
 * two runs of a model only.
 */
const logger = createLogger('warn', 'sidetone-second-pass');
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
giveWay(constants.priority.PRIORITY_LOW);

let engine: RecogniserEngine | undefined;
let busy = false;
process.on('disconnect', () => {
  if (!busy) process.exit(0);
});
process.on('message', (message) => {
  busy = true;
  void receive(message as SecondParentMessage);
});

async function receive(message: SecondParentMessage): Promise<void> {
  try {
    const said = await answer(message);
    busy = false;
    if (process.connected) process.send?.(said);
    else process.exit(0);
  } catch (thrown) {
    const { message: reason } = toError(thrown);
    const code = thrown instanceof SidetoneError ? thrown.code : 'internal-error';
    const said: SecondChildMessage = { type: 'failed', code, reason };
    if (process.connected) process.send?.(said, () => process.exit(1));
    else process.exit(1);
  }
}

async function answer(message: SecondParentMessage): Promise<SecondChildMessage> {
  switch (message.type) {
    case 'start':
      engine = await loadEngines(message.engine, logger);
      return { type: 'ready' };
    case 'recognise': {
      if (engine === undefined) throw new Error('asked before it was started');
      const { language: usual } = engine;
      const results = await engine.recognise(
        message.pieces.map(({ pcm, language, phrases }) => {
          const known = phrases === undefined ? {} : { phrases };
          return { pcm, speechSeen: true, purpose: 'final', language, ...known } as const;
        }),
      );
      return { type: 'heard', texts: results.map((result) => pieceText(result, usual)) };
    }
    default:
      return unreachable(message);
  }
}
