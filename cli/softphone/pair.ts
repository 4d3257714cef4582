import type { Law } from '#sip/types.ts';
import { Phone, type PhoneCall, type PhoneTransport } from './phone.ts';
import type { KeyPress } from './rtp-endpoint.ts';

export interface PairOptions {
  /** 8 kHz mono; both start when the call is answered. */
  readonly callerPcm: Int16Array;
  readonly calleePcm: Int16Array;
  readonly callerKeys?: readonly KeyPress[];
  readonly calleeKeys?: readonly KeyPress[];
  /** URI to call; default: the callee phone of this pair. */
  readonly to?: string;
  /** Who the caller says it is. */
  readonly caller?: { readonly user?: string; readonly displayName?: string };
  /** Number under which the callee phone is called; default `callee`. */
  readonly calleeUser?: string;
  /** host:port of the server in between. */
  readonly via: string;
  readonly transport: PhoneTransport;
  /** Share of the packets, 0 to 1, that each phone forgets to send. */
  readonly lossShare?: number;
  readonly law?: Law;
  readonly address?: string;
  /** Where the callee phone listens; 0: any port. */
  readonly calleePort?: number;
  readonly onAnswered?: (call: PhoneCall) => void;
  /** Both phones are switched off at once, without a word (the server in between is gone). */
  readonly until?: AbortSignal;
}

export interface PairResult {
  readonly sipCallId: string;
  readonly callId: string | null;
  /** What each phone heard of the other, 8 kHz. */
  readonly heardByCaller: Int16Array;
  readonly heardByCallee: Int16Array;
  readonly packetsToCaller: number;
  readonly packetsToCallee: number;
  /** Milliseconds from the answer to the end, where the far side or the server ended the call before the sound was over. */
  readonly endedEarlyAtMs: number | null;
}

/** The called phone has picked up by the time the caller hears of it, give or take its ACK. */
const pickUpMs = 2000;
const goodbyeMs = 2000;

/**
 * Two phones and one call between them through a server: each plays its sound, the caller hangs up when both are done.
 * @throws SidetoneError `sip-rejected`, `sip-unreachable`
 */
export async function callBetweenPhones(options: PairOptions): Promise<PairResult> {
  const address = options.address ?? '127.0.0.1';
  const law = options.law ?? 'pcmu';
  const { transport } = options;
  const callee = await Phone.start({ address, port: options.calleePort ?? 0, transport, law });
  const caller = await Phone.start({
    address,
    transport,
    law,
    ...(options.caller === undefined ? {} : { caller: options.caller }),
  });
  try {
    const calleeCall = new Promise<PhoneCall>((resolve) => callee.onCall(resolve));
    const call = await caller.call(
      options.to ?? `sip:${options.calleeUser ?? 'callee'}@${callee.hostPort}`,
      options.via,
    );
    options.onAnswered?.(call);
    const far = await answeredWithin(calleeCall, pickUpMs);
    // A phone sends sound, if only silence, as long as the call lasts.
    const samples = Math.max(options.callerPcm.length, options.calleePcm.length);
    const answeredMs = performance.now();
    const { lossShare, until } = options;
    const played = Promise.all([
      play(call, padded(options.callerPcm, samples), { keys: options.callerKeys, lossShare, until }),
      far === undefined
        ? undefined
        : play(far, padded(options.calleePcm, samples), { keys: options.calleeKeys, lossShare, until }),
    ]);
    await Promise.race([played, aborted(call.over)]);
    const endedEarlyAtMs = call.over.aborted ? performance.now() - answeredMs : null;
    const result: PairResult = {
      sipCallId: call.sipCallId,
      callId: call.callId,
      heardByCaller: call.rtp.heard(),
      heardByCallee: far?.rtp.heard() ?? new Int16Array(0),
      packetsToCaller: call.rtp.receivedPackets,
      packetsToCallee: far?.rtp.receivedPackets ?? 0,
      endedEarlyAtMs,
    };
    if (until?.aborted !== true) {
      if (!call.over.aborted) await call.hangUp();
      if (far !== undefined) await overWithin(far, goodbyeMs);
    }
    await Promise.all([call.rtp.close(), far?.rtp.close()]);
    return result;
  } finally {
    await Promise.all([caller.close(), callee.close()]);
  }
}

interface PlayOptions {
  readonly keys: readonly KeyPress[] | undefined;
  readonly lossShare: number | undefined;
  readonly until: AbortSignal | undefined;
}

async function play(call: PhoneCall, pcm: Int16Array, { keys, lossShare, until }: PlayOptions): Promise<void> {
  const over = until === undefined ? call.over : AbortSignal.any([call.over, until]);
  await call.rtp.play(pcm, call.farEnd, { keys: keys ?? [], lossShare: lossShare ?? 0, until: over });
}

function padded(pcm: Int16Array, samples: number): Int16Array {
  if (pcm.length >= samples) return pcm;
  const longer = new Int16Array(samples);
  longer.set(pcm);
  return longer;
}

/** The called phone's end of the call; undefined where the call went to somebody else's phone. */
function answeredWithin(call: Promise<PhoneCall>, limitMs: number): Promise<PhoneCall | undefined> {
  return Promise.race([call, pause(limitMs)]);
}

/** A phone that is switched off before its BYE has come would leave the server asking for half a minute. */
async function overWithin(call: PhoneCall, limitMs: number): Promise<void> {
  await Promise.race([aborted(call.over), pause(limitMs)]);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function pause(ms: number): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
