/** One G.711 mu-law code as a sample. */
export function decodeMulaw(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 132) << ((inverted & 0x70) >> 4)) - 132;
  return (inverted & 0x80) === 0 ? magnitude : -magnitude;
}

const magnitudes = Int16Array.from({ length: 128 }, (_, code) => decodeMulaw(0xff - code));

/** Samples as they come out of a mu-law telephone line: each the nearest value that mu-law has. */
export function throughMulaw(pcm: Int16Array): Int16Array {
  return pcm.map((sample) => {
    const magnitude = Math.abs(sample);
    let low = 0;
    let high = 127;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((magnitudes[middle] ?? 0) < magnitude) low = middle + 1;
      else high = middle;
    }
    const above = magnitudes[low] ?? 0;
    const below = magnitudes[Math.max(0, low - 1)] ?? 0;
    const nearest = magnitude - below < above - magnitude ? below : above;
    return sample < 0 ? -nearest : nearest;
  });
}
