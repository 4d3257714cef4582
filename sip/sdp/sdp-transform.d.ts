/** The part of sdp-transform 3 that parse.ts uses; the package ships no types. */
declare module 'sdp-transform' {
  export interface ParsedMedia {
    type: string;
    port: number;
    protocol: string;
    /** A string in practice ("0 8 101"), a number when there is but one format. */
    payloads?: string | number;
    connection?: { version: number; ip: string };
    rtp: { payload: number; codec: string; rate?: number }[];
    fmtp: { payload: number; config: string }[];
    ptime?: number;
    maxptime?: number;
    direction?: string;
    rtcp?: { port: number; address?: string };
    rtcpMux?: string;
  }
  export interface ParsedSdp {
    origin?: { sessionId: number | string; sessionVersion: number | string };
    connection?: { version: number; ip: string };
    direction?: string;
    media: ParsedMedia[];
  }
  export function parse(text: string): ParsedSdp;
}
