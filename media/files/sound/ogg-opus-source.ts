import { OpusDecoder } from 'opus-decoder';
import { opusPacketSamples } from '#lib/audio/opus-packet.ts';
import { AudioFileFault } from './fault.ts';
import type { FileWindow } from './file-window.ts';
import { channelsOf } from './limits.ts';
import { OggPackets } from './ogg/packets.ts';
import type { SoundSource } from './sound-source.ts';

const opusRateHz = 48_000;
const decodedRateHz = 8000;
const ratio = opusRateHz / decodedRateHz;
const mostPacketBytes = 3840;

interface OpusHead {
  readonly channels: 1 | 2;
  /** At 48 kHz: what the decoder gives before the sound begins. */
  readonly preSkip: number;
  readonly gain: number;
}

/** Ogg Opus (RFC 7845), decoded by libopus straight to 8 kHz. @throws AudioFileFault */
export async function openOggOpus(window: FileWindow): Promise<SoundSource> {
  const packets = new OggPackets(window);
  const head = readHead((await packets.next(null))?.packets[0] ?? new Uint8Array(0));
  // The comments may take several pages, the last of which they have to themselves (section 5.2).
  for (let tags = 0; tags === 0;) tags = (await packets.next(0))?.packets.length ?? 1;
  return {
    container: 'ogg-opus',
    channels: head.channels,
    sampleRateHz: opusRateHz,
    durationS: null,
    rateHz: decodedRateHz,
    samples: () => decodePages(packets, head),
  };
}

async function* decodePages(packets: OggPackets, { channels, preSkip, gain }: OpusHead): AsyncGenerator<Int16Array[]> {
  const decoder = new OpusDecoder({ channels, sampleRate: decodedRateHz });
  await decoder.ready;
  try {
    const skipped = Math.round(preSkip / ratio);
    /** At 8 kHz, all that was decoded; and at 48 kHz where the file's count began. */
    let decoded = 0;
    let origin: number | undefined;
    for (;;) {
      const atMs = (1000 * Math.max(0, decoded - skipped)) / decodedRateHz;
      const next = await packets.next(atMs);
      if (next === undefined) return;
      const { page } = next;
      const start = decoded;
      const parts: Float32Array[][] = [];
      for (const packet of next.packets) {
        const samples = packet.length > mostPacketBytes ? 0 : opusPacketSamples(packet, 0, packet.length);
        if (samples === 0) throw new AudioFileFault('Ogg with what is no Opus packet', page.offsetBytes, atMs);
        parts.push(decoder.decodeFrame(packet).channelData);
        decoded += samples;
      }
      if (page.granule < 0) continue;
      // A recording may begin with any count (section 4.3); only the last page may count less than it holds (4.4).
      origin ??= page.isLast ? 0 : page.granule - decoded * ratio;
      const end = page.isLast ? Math.min(decoded, Math.round((page.granule - origin) / ratio)) : decoded;
      const from = Math.max(start, skipped);
      if (end > from) yield channelArrays(parts, channels, gain, from - start, end - start);
    }
  } finally {
    decoder.free();
  }
}

function channelArrays(
  parts: readonly Float32Array[][],
  channels: number,
  gain: number,
  from: number,
  to: number,
): Int16Array[] {
  return Array.from({ length: channels }, (_, channel) => {
    const pcm = new Int16Array(to);
    let at = 0;
    for (const part of parts) {
      for (const sample of part[channel] ?? []) {
        if (at < to) pcm[at++] = Math.max(-32_768, Math.min(32_767, Math.round(sample * gain)));
      }
    }
    return pcm.subarray(from);
  });
}

/** Section 5.1. */
function readHead(packet: Uint8Array): OpusHead {
  const head = Buffer.from(packet);
  if (head.toString('latin1', 0, 8) !== 'OpusHead' || head.length < 19) {
    throw new AudioFileFault('Ogg without Opus: of Ogg files, those with Opus are read', 0);
  }
  if ((head[8] as number) > 15) throw new AudioFileFault('Ogg Opus of a later version', 0);
  return {
    channels: channelsOf(head[9] as number, 0),
    preSkip: head.readUInt16LE(10),
    gain: 32_768 * 10 ** (head.readInt16LE(16) / 256 / 20),
  };
}
