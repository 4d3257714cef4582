/**
 * The frames that carry PCM from media workers to recogniser processes over a Unix socket:
 *
 *     u32 BE  bytes after this field
 *     u8      kind: 1 = open, 2 = audio, 3 = end
 *     u8      channel: its place in `audioChannels`
 *     u8      length n of the call id, then n bytes of ASCII
 *     f64 BE  sample: start of the audio; for open the first sample to come; for end the sample after the last
 *     ...     audio only: signed 16-bit little-endian PCM, 8 kHz mono
 *
 * One connection carries many calls. Audio of a channel is contiguous from its `open` on.
 */
export const audioChannels = ['caller', 'callee', 'other', 'mixed'] as const;
export const audioFeedKinds = { open: 1, audio: 2, end: 3 } as const;
export type AudioFeedKind = keyof typeof audioFeedKinds;

export interface AudioFeedFrame {
  readonly kind: AudioFeedKind;
  readonly channel: number;
  readonly callId: string;
  readonly sample: number;
  /** Owned by the receiver; empty unless `kind` is audio. */
  readonly pcm: Int16Array<ArrayBuffer>;
}

const emptyPcm: Int16Array<ArrayBuffer> = new Int16Array(0);
const maxFrameBytes = 1 << 20;

export function encodeAudioFeedFrame(
  kind: AudioFeedKind,
  channel: number,
  callId: string,
  sample: number,
  pcm: Int16Array = emptyPcm,
): Buffer {
  const idBytes = callId.length;
  const frame = Buffer.allocUnsafe(4 + 3 + idBytes + 8 + pcm.byteLength);
  frame.writeUInt32BE(frame.length - 4, 0);
  frame[4] = audioFeedKinds[kind];
  frame[5] = channel;
  frame[6] = idBytes;
  frame.write(callId, 7, 'latin1');
  frame.writeDoubleBE(sample, 7 + idBytes);
  frame.set(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), 15 + idBytes);
  return frame;
}

/** Cuts a byte stream into frames. `push` throws a RangeError on bytes that are no frame: close the connection then. */
export class AudioFeedDecoder {
  #pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): AudioFeedFrame[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const frames: AudioFeedFrame[] = [];
    let offset = 0;
    while (this.#pending.length - offset >= 4) {
      const length = this.#pending.readUInt32BE(offset);
      if (length < 11 || length > maxFrameBytes) throw new RangeError('not an audio feed frame');
      if (this.#pending.length - offset - 4 < length) break;
      frames.push(decodeFrame(this.#pending.subarray(offset + 4, offset + 4 + length)));
      offset += 4 + length;
    }
    this.#pending = this.#pending.subarray(offset);
    return frames;
  }
}

function decodeFrame(body: Buffer): AudioFeedFrame {
  const kind = kindOf(body[0]);
  const channel = body[1];
  const idBytes = body[2] ?? 0;
  if (kind === undefined || channel === undefined || channel >= audioChannels.length || body.length < 11 + idBytes) {
    throw new RangeError('not an audio feed frame');
  }
  const audio = body.subarray(11 + idBytes);
  if (audio.length % 2 !== 0) throw new RangeError('half a sample in an audio feed frame');
  const pcm = new Int16Array(audio.length / 2);
  new Uint8Array(pcm.buffer).set(audio);
  return {
    kind,
    channel,
    callId: body.toString('latin1', 3, 3 + idBytes),
    sample: body.readDoubleBE(3 + idBytes),
    pcm,
  };
}

function kindOf(code: number | undefined): AudioFeedKind | undefined {
  if (code === audioFeedKinds.open) return 'open';
  if (code === audioFeedKinds.audio) return 'audio';
  return code === audioFeedKinds.end ? 'end' : undefined;
}
