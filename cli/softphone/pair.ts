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
  /** host:port of the server in between. */
  readonly via: string;
  readonly transport: PhoneTransport;
  readonly law?: Law;
  readonly address?: string;
  /** Where the callee phone listens; 0: any port. */
  readonly calleePort?: number;
  readonly onAnswered?: (call: PhoneCall) => void;
}

export interface PairResult {
  readonly sipCallId: string;
  readonly callId: string | null;
  /** What each phone heard of the other, 8 kHz. */
  readonly heardByCaller: Int16Array;
  readonly heardByCallee: Int16Array;
  readonly packetsToCaller: number;
  readonly packetsToCallee: number;
}

/**
 * Two phones and one call between them through a server: each plays its sound, the caller hangs up when both are done.
 * @throws SidetoneError `sip-rejected`, `sip-unreachable`
 */
export async function callBetweenPhones(options: PairOptions): Promise<PairResult> {
  const address = options.address ?? '127.0.0.1';
  const law = options.law ?? 'pcmu';
  const { transport } = options;
  const callee = await Phone.start({ address, port: options.calleePort ?? 0, transport, law });
  const caller = await Phone.start({ address, transport, law });
  try {
    const calleeCall = new Promise<PhoneCall>((resolve) => callee.onCall(resolve));
    const call = await caller.call(options.to ?? `sip:callee@${callee.hostPort}`, options.via);
    options.onAnswered?.(call);
    const far = await calleeCall;
    await Promise.all([
      playWhole(call, options.callerPcm, options.callerKeys),
      playWhole(far, options.calleePcm, options.calleeKeys),
    ]);
    const result: PairResult = {
      sipCallId: call.sipCallId,
      callId: call.callId,
      heardByCaller: call.rtp.heard(),
      heardByCallee: far.rtp.heard(),
      packetsToCaller: call.rtp.receivedPackets,
      packetsToCallee: far.rtp.receivedPackets,
    };
    if (!call.over.aborted) await call.hangUp();
    await Promise.all([call.rtp.close(), far.rtp.close()]);
    return result;
  } finally {
    await Promise.all([caller.close(), callee.close()]);
  }
}

async function playWhole(call: PhoneCall, pcm: Int16Array, keys: readonly KeyPress[] = []): Promise<void> {
  await call.rtp.play(pcm, call.farEnd, { keys });
}
