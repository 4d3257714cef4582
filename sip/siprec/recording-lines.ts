import { isLoopback } from '#lib/addresses.ts';
import { sends } from '../sdp/description.ts';
import type { ForkStreamSettings, PartySide, RtpStream } from '../types.ts';
import type { OfferedAudio, OfferedLine, RecordingOffer } from '../sdp/offer.ts';
import type { RecordedCall, Feeder } from './recorded-call.ts';
import type { DescribedLine } from '../sdp/recorder-description.ts';
import { assignSides, type AssignedLine, type SideLine } from './sides.ts';

interface Line {
  readonly offered: OfferedLine;
  readonly assigned: AssignedLine;
  readonly stream: RtpStream | null;
}

/** The m-lines of one dialog and the streams that they feed. */
export class RecordingLines {
  readonly #call: RecordedCall;
  readonly #feeder: Feeder;
  readonly #addresses: readonly string[];
  /** A side that the sender itself has named, for a dialog with but one stream. */
  readonly #namedSide: PartySide | null;
  #lines: readonly Line[] = [];

  constructor(
    call: RecordedCall,
    feeder: Feeder,
    options: { readonly ourAddress: string; readonly signallingAddress: string; readonly namedSide: PartySide | null },
  ) {
    this.#call = call;
    this.#feeder = feeder;
    this.#namedSide = options.namedSide;
    const { ourAddress, signallingAddress } = options;
    // What is sent to loopback comes from loopback, whichever address of this machine the peer signals.
    const also = isLoopback(ourAddress) && ourAddress !== signallingAddress ? [ourAddress] : [];
    this.#addresses = [signallingAddress, ...also];
  }

  get assigned(): readonly AssignedLine[] {
    return this.#lines.map(({ assigned }) => assigned);
  }

  /** As described to the client. */
  get described(): readonly DescribedLine[] {
    return this.#lines.map(({ offered, stream }) => ({
      offered,
      rtpPort: stream === null || offered.audio === null || offered.audio.rtpPort === 0 ? 0 : stream.ports.rtpPort,
    }));
  }

  /** Every stream is inactive by its direction: the client asks for a pause. */
  get allInactive(): boolean {
    const live = this.#lines.flatMap(({ offered }) => (isActive(offered) && offered.audio ? [offered.audio] : []));
    return live.length > 0 && live.every(({ direction }) => direction === 'inactive');
  }

  /**
   * Takes a new description: its lines get sides and streams, and media is told of each. Nothing has changed when it
   * throws.
   * @returns why, for each line of sound that is not taken
   * @throws SidetoneError `ports-exhausted`, `media-worker-lost`
   */
  async take(offer: RecordingOffer): Promise<readonly string[]> {
    // An answer, or a careless update, may leave out the labels that are known already.
    const offeredLines = offer.lines.map((line, index) => ({
      ...line,
      label: line.label ?? this.#lines[index]?.offered.label ?? null,
    }));
    const assigned = this.#assign(offeredLines);
    const notTaken: string[] = [];
    const lines: Line[] = [];
    for (const [index, offered] of offeredLines.entries()) {
      const { side, participants } = assigned[index] ?? { side: null, participants: [] };
      const stream = side === null ? null : ((await this.#call.stream(side)) ?? null);
      lines.push({ offered, assigned: { side: stream === null ? null : side, participants }, stream });
      if (stream !== null || offered.kind !== 'audio' || (offered.audio !== null && !isActive(offered))) continue;
      notTaken.push(offered.refusal ?? 'three-streams-at-most');
    }
    const before = this.#lines;
    this.#lines = lines;
    this.#tellMedia(before);
    return notTaken;
  }

  /** The dialog is over: where the call goes on by another, nothing more is to be expected of these. */
  rest(): void {
    for (const { offered, stream } of this.#lines) {
      if (offered.audio !== null) stream?.update(this.#settings(offered.audio, false));
    }
  }

  /** Metadata has changed: the same lines may carry other participants. */
  reassign(): void {
    const assigned = this.#assign(this.#lines.map(({ offered }) => offered));
    this.#lines = this.#lines.map((line, index) => ({
      ...line,
      assigned: { side: line.assigned.side, participants: assigned[index]?.participants ?? [] },
    }));
  }

  #assign(offered: readonly OfferedLine[]): readonly AssignedLine[] {
    const lines = offered.map((line, index): SideLine => {
      const before = this.#lines[index];
      const same = before !== undefined && before.offered.label === line.label;
      return {
        label: line.label,
        usable: line.audio !== null,
        active: isActive(line),
        side: same ? before.assigned.side : this.#lines.length === 0 && index === 0 ? this.#namedSide : null,
      };
    });
    return assignSides(lines, this.#call.state, this.#call.takenBesides(this.#feeder));
  }

  #tellMedia(before: readonly Line[]): void {
    const now = new Map(this.#lines.flatMap((line) => (line.stream === null ? [] : [[line.stream, line]])));
    for (const { stream, offered } of before) {
      if (stream !== null && !now.has(stream) && offered.audio !== null)
        stream.update(this.#settings(offered.audio, false));
    }
    for (const [stream, { offered, assigned }] of now) {
      if (offered.audio === null) continue;
      stream.update(this.#settings(offered.audio, isActive(offered)));
      const was = before.find((line) => line.stream === stream)?.offered;
      const note = noteOf(was === undefined ? 'live' : conditionOf(was), conditionOf(offered));
      if (note !== undefined && assigned.side !== null) this.#call.forked.note(note, assigned.side);
    }
  }

  #settings(audio: OfferedAudio, active: boolean): ForkStreamSettings {
    const { address, rtpPort, rtcpPort } = audio;
    const reachable = active && address !== null;
    return Object.freeze({
      remote: reachable ? { address, rtpPort, rtcpPort } : null,
      acceptedAddresses: [...new Set([...(reachable ? [address] : []), ...this.#addresses])],
      rtcpMux: audio.rtcpMux,
      formats: audio.formats.map(({ payloadType, carries, clockRateHz }) => ({ payloadType, carries, clockRateHz })),
      expected: active && !audio.unspecified && sends(audio.direction),
      holding: active && (audio.unspecified || !sends(audio.direction)),
    });
  }
}

function isActive({ audio }: OfferedLine): boolean {
  return audio !== null && audio.rtpPort !== 0;
}

/** `held`: inactive, or `c=0.0.0.0` (RFC 2543): no talk is to be expected of it. `off`: port 0. */
type Condition = 'live' | 'held' | 'off';

function conditionOf(line: OfferedLine): Condition {
  if (!isActive(line) || line.audio === null) return 'off';
  return line.audio.unspecified || !sends(line.audio.direction) ? 'held' : 'live';
}

function noteOf(before: Condition, now: Condition): string | undefined {
  if (now === before) return undefined;
  if (now === 'off') return 'stream-ended';
  if (now === 'held') return 'hold';
  return before === 'held' ? 'resume' : 'stream-resumed';
}
