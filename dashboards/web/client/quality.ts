/** A figure that only RTP has: a dash for sound that came another way. */
export function oneDecimal(figure: number | null | undefined, unit = ''): string {
  return figure === null || figure === undefined ? '–' : `${figure.toFixed(1)}${unit}`;
}

/** 0 to 1 as `0.4 %`; null: of nothing. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}
