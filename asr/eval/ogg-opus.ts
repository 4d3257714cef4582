import { OpusDecoder } from 'opus-decoder';

const opusRateHz = 48_000;

/** The packets of an Ogg stream (RFC 3533) and the last granule position. Throws a RangeError on what is no Ogg. */
function oggPackets(file: Buffer): { packets: Buffer[]; granule: number } {
  const packets: Buffer[] = [];
  let partial: Buffer[] = [];
  let granule = 0;
  for (let offset = 0; offset < file.length;) {
    if (file.length - offset < 27 || file.toString('latin1', offset, offset + 4) !== 'OggS') {
      throw new RangeError('not an Ogg stream');
    }
    const position = file.readBigInt64LE(offset + 6);
    if (position >= 0n) granule = Number(position);
    const segments = file[offset + 26] ?? 0;
    const lacing = file.subarray(offset + 27, offset + 27 + segments);
    let at = offset + 27 + segments;
    for (const length of lacing) {
      partial.push(file.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      packets.push(Buffer.concat(partial));
      partial = [];
    }
    offset = at;
  }
  return { packets, granule };
}

/**
 * The first channel of an Ogg Opus file (RFC 7845) at 8 kHz, without the encoder's lead-in. Throws a RangeError on a
 * file of another kind.
 */
export async function decodeOggOpus(file: Buffer): Promise<Int16Array> {
  const { packets, granule } = oggPackets(file);
  const [head, , ...audio] = packets;
  if (head === undefined || head.length < 19 || head.toString('latin1', 0, 8) !== 'OpusHead') {
    throw new RangeError('not an Opus stream');
  }
  const channels = head[9] ?? 1;
  const preSkip = head.readUInt16LE(10);
  const decoder = new OpusDecoder({ sampleRate: 8000, channels, preSkip: 0 });
  await decoder.ready;
  try {
    const { channelData } = decoder.decodeFrames(audio);
    const samples = channelData[0] ?? new Float32Array(0);
    const start = Math.round((preSkip * 8000) / opusRateHz);
    const end = Math.min(samples.length, Math.round((granule * 8000) / opusRateHz));
    return Int16Array.from(samples.subarray(start, end), (sample) =>
      Math.max(-32768, Math.min(32767, Math.round(sample * 32768))),
    );
  } finally {
    decoder.free();
  }
}
