import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { loadConfig } from '#lib/config/load.ts';
import { SidetoneError } from '#lib/errors.ts';
import { createLogger } from '#lib/log.ts';
import { startSidetone } from '../main.ts';
import { readTelephoneSound } from './commands/call.ts';
import { demoEnvironment } from './demo-environment.ts';
import { LiveTranscript } from './live-transcript.ts';
import { callBetweenPhones } from './softphone/pair.ts';

const demoDir = resolve(import.meta.dirname, '../demo');

/** Who talks; numbers kept for use in fiction. */
export const demoPeople = { caller: { user: '+12025550143', displayName: 'Dana Whitfield' }, calleeUser: '2001' };

/** A server of its own, one call through it, told as it happens; then the server stays until it is interrupted. */
export async function runDemo(dataDir: string, exitAfterCall: boolean): Promise<void> {
  const config = loadConfig(
    undefined,
    demoEnvironment(process.env, { dataDir, freeHttpPort: (await portIsFree(8080)) ? 8080 : 0 }),
    demoDir,
  );
  console.log('Starting a server of its own (database, recogniser, SIP, pages) ...');
  const sidetone = await startSidetone(config, createLogger(config.log.level));
  try {
    await recogniserReady(sidetone.recogniser);
    console.log(`\nWatch the call in a browser; this link signs you in once:\n\n  ${await sidetone.signInLink()}\n`);
    const transcript = new LiveTranscript(process.stdout);
    const unsubscribe = sidetone.analytics.live.subscribe((event) => transcript.show(event));
    const { callId } = await callBetweenPhones({
      callerPcm: await readTelephoneSound(join(demoDir, 'caller.wav')),
      calleePcm: await readTelephoneSound(join(demoDir, 'callee.wav')),
      ...demoPeople,
      via: `127.0.0.1:${sidetone.sip.bindings[0]?.port ?? 0}`,
      transport: 'udp',
    });
    await sidetone.analytics.whenIdle();
    unsubscribe();
    await sidetone.database.flush();
    console.log(`\nThe call is stored as ${callId ?? '(unknown)'}.`);
    console.log(`Transcript, recording and audit log are in ${dataDir}.`);
    if (exitAfterCall) console.log('Run it in a terminal, without --exit, to look at the call in a browser.');
    else {
      console.log(`See it at ${sidetone.http.url}/calls/${callId ?? ''}`);
      console.log('Try a search on the page: refund, or "money back".');
      console.log('\nThe server stays up until you press Ctrl-C.');
      await interrupted();
    }
  } finally {
    await sidetone.close();
  }
}

/** @throws SidetoneError `not-ready` when it takes more than two minutes (the first start compiles the model) */
export async function recogniserReady(recogniser: { status(): { readonly ready: boolean } }): Promise<void> {
  const deadlineMs = performance.now() + 120_000;
  while (!recogniser.status().ready) {
    if (performance.now() > deadlineMs)
      throw new SidetoneError('not-ready', 'the recogniser does not get ready; SIDETONE_LOG_LEVEL=info says more');
    await new Promise((done) => setTimeout(done, 100));
  }
}

function portIsFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
  });
}

function interrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
}
