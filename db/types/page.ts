export interface Page<Item> {
  readonly items: readonly Item[];
  /** Give back as `after` for the next page; null at the end. Opaque; a wrong one is `bad-request`. */
  readonly next: string | null;
}
export interface PageRequest {
  /** 1 to 200; default 50. Out of range is `bad-request`. */
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}
