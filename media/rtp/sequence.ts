/** The 16-bit sequence number nearest to `near`, unwrapped (RFC 3550 appendix A.1): 65535 -> 0 goes on as 65536. */
export function unwrapSequence(sequence: number, near: number): number {
  return near + (((sequence - near) << 16) >> 16);
}

/** The 32-bit timestamp nearest to `near`, unwrapped. `near` may exceed 32 bits. */
export function unwrapTimestamp(timestamp: number, near: number): number {
  return near + ((timestamp - (near % 0x1_0000_0000)) | 0);
}
