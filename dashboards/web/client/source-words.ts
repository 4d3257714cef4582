import type { CallSource } from '#sip/types.ts';

/** How calls come in, for people. */
export const sourceWords: Readonly<Record<CallSource, string>> = {
  b2bua: 'SIP',
  siprec: 'SIPREC',
  rtpengine: 'rtpengine',
  audiosocket: 'AudioSocket',
  websocket: 'WebSocket',
  ingest: 'files',
};
export const callSources = Object.keys(sourceWords) as CallSource[];
