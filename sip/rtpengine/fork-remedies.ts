import type { ErrorCode } from '#lib/errors.ts';

/** For each reason for which no copy is taken, what to change, in one sentence. docs/pbx/kamailio-rtpengine.md has more. */
export const forkRemedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  'bad-request': 'send the Call-ID, From and To of the call as they stand in its own 200',
  'not-found': 'tell of a call after rtpengine has it (rtpengine_offer and rtpengine_answer), with its own Call-ID',
  conflict: 'tell of a call once it is answered, and name the toTag of the party that answered',
  'unsupported-audio': 'let rtpengine transcode (a build with codecs), or have the parties speak G.711, G.722 or Opus',
  'rtpengine-refused': 'look into the log of rtpengine: it refused to give the copy',
  'rtpengine-unavailable': 'start rtpengine, or set rtpengine.address here to its ng port (listen-ng)',
  'server-draining': 'shutting down: no new calls until it is started again',
  'at-capacity': 'full: add another server, or raise intake.maxCalls here',
  'ports-exhausted': 'out of RTP ports: widen rtp.ports here',
  'media-worker-lost': 'the media thread of this server failed: its log says why',
};

/** For everything that nobody foresaw. */
export const unforeseen = 'a fault of this server: its log says why';
