import { unreachable } from '#lib/errors.ts';
import type { AudioCodec } from '#sip/types.ts';
import { G711StreamDecoder } from './g711-decoder.ts';
import { G722StreamDecoder } from './g722-decoder.ts';
import { OpusStreamDecoder } from './opus-decoder.ts';
import type { StreamDecoder } from './types.ts';

/** A decoder for one stream; `close` it. */
export function createDecoder(codec: AudioCodec): StreamDecoder {
  switch (codec) {
    case 'pcmu':
    case 'pcma':
      return new G711StreamDecoder(codec);
    case 'g722':
      return new G722StreamDecoder();
    case 'opus':
      return new OpusStreamDecoder();
    default:
      return unreachable(codec);
  }
}
