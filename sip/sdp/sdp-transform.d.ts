/** The part of sdp-transform 3 that read-lines.ts uses; the package ships no types. */
declare module 'sdp-transform' {
  /** `Text`: the parser makes a number of whatever consists of digits. */
  export interface ParsedMedia<Text = string> {
    type: Text;
    port: number;
    protocol: Text;
    /** The list as written ("0 8 101"). */
    payloads?: Text;
    connection?: { version: number; ip: Text };
    rtp: { payload: number; codec: Text; rate?: number; encoding?: Text }[];
    fmtp: { payload: number; config: Text }[];
    ptime?: number;
    maxptime?: number;
    direction?: string;
    rtcp?: { port: number; address?: string };
    rtcpMux?: string;
  }
  export interface ParsedSdp<Text = string> {
    origin?: { sessionId: number | string; sessionVersion: number | string };
    connection?: { version: number; ip: Text };
    direction?: string;
    media: ParsedMedia<Text>[];
  }
  export function parse(text: string): ParsedSdp<string | number>;
}
