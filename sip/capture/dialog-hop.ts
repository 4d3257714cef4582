import { reasonOfStatus, terminationOf } from '../b2bua/call-state.ts';
import { infoDigitMs } from '../b2bua/info-digit.ts';
import { keptIdentityHeaders, partiesOf } from '../b2bua/identity.ts';
import { SipHeaders } from '../b2bua/messages.ts';
import type { ReceivedRequest, ReceivedResponse } from '../engine/message/message.ts';
import { receives, sends, type Direction } from '../sdp/description.ts';
import type { OfferedAudio } from '../sdp/offer.ts';
import {
  otherSide,
  type CapturedItem,
  type Party,
  type TalkSide,
  type Termination,
  type TerminationReason,
} from '../types.ts';

export type Mark = Extract<CapturedItem, { readonly type: 'hold' | 'key' }>;
type Message = ReceivedRequest | ReceivedResponse;

/** Marks of one dialog: a capture that holds and takes back for ever is cut off here. */
const maxMarks = 10_000;

/**
 * One call as it was seen between one pair of SIP hosts. A call that passes a proxy inside the capture has a hop on
 * either side of it, with descriptions of its own where the media is relayed.
 */
export class DialogHop {
  readonly parties: readonly Party[];
  readonly headers: Readonly<Record<string, string>>;
  readonly startedEpochMs: number;
  /** The INVITE came before the capture began. */
  readonly beganBefore: boolean;
  readonly marks: Mark[] = [];
  answeredEpochMs: number | null = null;
  endedEpochMs: number | null = null;
  termination: Termination | undefined;
  lastEpochMs: number;
  readonly #callerTag: string;
  #inviteCseq: number;
  #cancelled = false;
  readonly #holding = { caller: false, callee: false };
  #offer: { readonly side: TalkSide; readonly direction: Direction } | undefined;

  constructor(first: Message, atEpochMs: number) {
    const headers = plainHeaders(first);
    const uri = first.kind === 'request' ? first.uri : '';
    // A capture is the administrator's own: what its hosts assert is believed.
    this.parties = partiesOf(headers, uri, true);
    this.headers = keptIdentityHeaders(headers, true);
    this.startedEpochMs = atEpochMs;
    this.lastEpochMs = atEpochMs;
    this.#callerTag = first.fromTag;
    this.beganBefore = !(first.kind === 'request' && first.method === 'INVITE' && first.toTag === '');
    this.#inviteCseq = this.beganBefore ? -1 : first.cseq;
    if (this.beganBefore && !(first.kind === 'response' && first.status < 300)) this.answeredEpochMs = atEpochMs;
  }

  /** The side that speaks in a message: requests carry their sender's tag in From, responses that of who asked. */
  speaker(message: Message): TalkSide {
    const asked: TalkSide = message.fromTag === this.#callerTag ? 'caller' : 'callee';
    return message.kind === 'request' ? asked : otherSide(asked);
  }

  take(message: Message, atEpochMs: number): void {
    this.lastEpochMs = atEpochMs;
    if (message.kind === 'request') this.#request(message, atEpochMs);
    else if (message.cseqMethod === 'INVITE') this.#inviteResponse(message, atEpochMs);
  }

  /** A description that `side` gave of itself. Notes when it puts the other side on hold, or takes it back. */
  described(side: TalkSide, audio: OfferedAudio, isAnswer: boolean, atEpochMs: number): void {
    const silent = audio.unspecified || audio.rtpPort === 0;
    const holds =
      isAnswer && this.#offer !== undefined && !sends(this.#offer.direction)
        ? this.#holding[side]
        : silent || !receives(audio.direction);
    this.#offer = isAnswer ? undefined : { side, direction: audio.direction };
    if (holds === this.#holding[side]) return;
    this.#holding[side] = holds;
    this.#mark({ type: 'hold', side, atEpochMs, holding: holds });
  }

  #request(request: ReceivedRequest, atEpochMs: number): void {
    switch (request.method) {
      case 'INVITE':
        if (request.toTag === '' && request.cseq > this.#inviteCseq) {
          // Asked again with credentials, or elsewhere after a redirect: what was refused is not the end.
          this.#inviteCseq = request.cseq;
          this.#cancelled = false;
          if (this.answeredEpochMs === null) this.endedEpochMs = null;
        }
        return;
      case 'CANCEL':
        this.#cancelled = this.answeredEpochMs === null;
        return;
      case 'BYE':
        this.#end(`${this.speaker(request)}-hung-up`, null, atEpochMs);
        return;
      case 'INFO': {
        const durationMs = infoDigitMs(request.headers.get('Content-Type'), request.body.toString('latin1'));
        if (durationMs !== undefined) this.#mark({ type: 'key', side: this.speaker(request), atEpochMs, durationMs });
        return;
      }
      default:
    }
  }

  #inviteResponse(response: ReceivedResponse, atEpochMs: number): void {
    const { status } = response;
    if (status >= 200 && status < 300) {
      this.answeredEpochMs ??= atEpochMs;
    } else if (status >= 300 && this.answeredEpochMs === null && response.cseq === this.#inviteCseq) {
      this.#end(this.#cancelled && status === 487 ? 'caller-cancelled' : reasonOfStatus(status), status, atEpochMs);
    }
  }

  #end(reason: TerminationReason, sipStatus: number | null, atEpochMs: number): void {
    if (this.endedEpochMs !== null) return;
    this.endedEpochMs = atEpochMs;
    this.termination = terminationOf(this.answeredEpochMs === null ? 'ringing' : 'established', reason, sipStatus);
  }

  #mark(mark: Mark): void {
    // A request that is sent again, or was captured twice, is one.
    const last = this.marks.at(-1);
    const again = last?.type === 'key' && mark.type === 'key' && mark.atEpochMs - last.atEpochMs < 40;
    if (!again && this.marks.length < maxMarks) this.marks.push(Object.freeze(mark));
  }
}

function plainHeaders(message: Message): SipHeaders {
  const joined: Record<string, string> = Object.create(null) as Record<string, string>;
  message.headers.names.forEach((name, index) => {
    const value = message.headers.values[index] ?? '';
    joined[name] = name in joined ? `${joined[name]}, ${value}` : value;
  });
  return new SipHeaders(joined);
}
