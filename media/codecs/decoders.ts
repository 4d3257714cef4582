import { unreachable } from '#lib/errors.ts';
import type { AudioCodec } from '#sip/types.ts';
import { G722StreamDecoder } from './g722-decoder.ts';
import { OpusStreamDecoder } from './opus-decoder.ts';
import type { StreamDecoder } from './types.ts';

/** G.711 needs none: a code a sample (lib/audio/g711.ts), decoded to its place at once (jitter/channel.ts). */
export type StatefulCodec = Exclude<AudioCodec, 'pcmu' | 'pcma'>;

/** A decoder for one stream; `close` it. */
export function createDecoder(codec: StatefulCodec): StreamDecoder {
  switch (codec) {
    case 'g722':
      return new G722StreamDecoder();
    case 'opus':
      return new OpusStreamDecoder();
    default:
      return unreachable(codec);
  }
}
