import { systemClock } from '#lib/clock.ts';
import { createLogger } from '#lib/log.ts';
import { toError, unreachable } from '#lib/errors.ts';
import { loadEngines } from '../engines/by-language.ts';
import { openSpeakerModel } from '../speakers/open.ts';
import { loadSileroVad } from '../vad/silero.ts';
import { listenForFeed, type FeedServer } from './feed-server.ts';
import { giveWay } from './give-way.ts';
import type { ChildMessage, ParentMessage, WaitingSettings } from './messages.ts';
import { Session } from './session.ts';
import { Spool } from './spool.ts';
import { WaitingRoom } from './waiting-room.ts';

/**
 * A recogniser process, forked by asr/pool. It closes when its parent says so or is gone, and at no signal: the parent
 * drains first. `session.run()` blocks this thread; exiting in the middle of one would abort the process, so exits come
 * between two steps only.
 */
const logger = createLogger('warn', 'sidetone-asr');

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
giveWay();

let closing = false;
let running = false;
/** Something came while the loop was running. */
let woken = false;
let malformedFrames = 0;
let session: Session | undefined;
let feed: FeedServer | undefined;

process.on('disconnect', () => {
  closing = true;
  if (!running) process.exit(0);
});
process.on('message', (message) => {
  receive(message as ParentMessage).catch((thrown: unknown) => {
    logger.error({ err: toError(thrown) }, 'the recogniser process failed');
    tell({ type: 'failed', reason: toError(thrown).message });
  });
});

async function receive(message: ParentMessage): Promise<void> {
  switch (message.type) {
    case 'start':
      await start(message);
      return;
    case 'open':
      session?.open(message.callId, message.epoch, message.sides, message.phrases);
      tell({ type: 'opened', callId: message.callId, epoch: message.epoch });
      return;
    case 'add-side':
      session?.addSide(message.callId, message.epoch, message.start, message.phrases);
      tell({ type: 'opened', callId: message.callId, epoch: message.epoch });
      return;
    case 'abandon':
      session?.abandon(message.callId);
      return;
    case 'close':
      session?.endAll();
      closing = true;
      wake();
      return;
    default:
      unreachable(message);
  }
}

async function start(options: ParentMessage & { readonly type: 'start' }): Promise<void> {
  const startMs = systemClock.nowMs();
  const vad = await loadSileroVad();
  const settings = options.speakers;
  const speakers = settings.diarize === 'off' ? undefined : { settings, model: await openSpeakerModel(settings) };
  const made = new Session({
    vad,
    clock: systemClock,
    room: openRoom(options.waiting),
    ...(speakers === undefined ? {} : { speakers }),
    emit: (callId, epoch, event) => tell({ type: 'speech', callId, epoch, event }),
  });
  session = made;
  feed = await listenForFeed(options.socketPath, {
    frame: (callId, side, frame) => {
      made.channel(callId, side)?.take(frame, systemClock.nowMs());
      wake();
    },
    cut: (callId, side) => {
      made.channel(callId, side)?.endHere(systemClock.nowMs());
      wake();
    },
    malformed: () => {
      malformedFrames += 1;
    },
  });
  tell({ type: 'listening' });
  setInterval(() => {
    tell({ type: 'load', report: { ...made.report(), malformedFrames } });
    malformedFrames = 0;
  }, 1000).unref();
  const engine = await loadEngines(options.engine, logger);
  made.use(engine);
  tell({ type: 'ready', model: engine.name, loadMs: systemClock.nowMs() - startMs });
  wake();
}

function openRoom({ memoryS, spoolFolder, spoolBytes }: WaitingSettings): WaitingRoom {
  const memorySamples = 8000 * memoryS;
  if (spoolBytes === 0) return new WaitingRoom({ memorySamples });
  let told = false;
  const spool = new Spool(spoolFolder, spoolBytes, (thrown) => {
    if (!told) logger.error({ err: toError(thrown) }, 'audio cannot be spooled: past asr.memoryS it is lost');
    told = true;
  });
  return new WaitingRoom({ memorySamples, spool });
}

function wake(): void {
  woken = true;
  if (running) return;
  running = true;
  setImmediate(() => {
    work().catch((thrown: unknown) => {
      // The state of a session that threw is not known: the parent starts another and gives it the audio again.
      logger.error({ err: toError(thrown) }, 'recognition failed');
      process.exit(1);
    });
  });
}

async function work(): Promise<void> {
  let more = true;
  while (more || woken) {
    woken = false;
    more = (await session?.step()) ?? false;
    // Sockets and messages are read between two steps.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (closing && !process.connected) process.exit(0);
  }
  running = false;
  if (closing) await leave();
}

async function leave(): Promise<void> {
  await feed?.close();
  if (process.connected) process.disconnect();
  process.exit(0);
}

function tell(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}
