/**
 * For each reason of a refusal what the administrator of the sender is to change, in one sentence: in the log, and in
 * the Warning field of the answer. docs/pbx.md and docs/pbx/siprec.md have more of each.
 */
const remedies: Readonly<Record<string, string>> = {
  'source-not-allowed': 'name its address in sip.allow or in the match of a trunk here, or give it a digest user',
  'wrong-credentials': 'name, password or realm is not that of a user in sip.digest here',
  'server-draining': 'shutting down: no new calls until it is started again',
  'at-capacity': 'full: add another server, or raise intake.maxCalls here',
  'ports-exhausted': 'out of RTP ports: widen rtp.ports here',
  'no-route':
    'add a route here for the dialled number; of a recorder: recorder: true on its trunk, or the user in siprec.users',
  'too-many-hops': 'the routes lead in a circle',
  'unsupported-uri-scheme': 'send the call to a sip: or tel: address',
  'unknown-replaces': 'the call that Replaces names is not one of ours: transfer without Replaces',
  'register-not-allowed': 'turn registration off: calls are taken from where they come, nothing registers here',
  'no-target-reachable': 'no target of the route answered: is it up, and does it take calls from this server?',
  'no-ack': 'its ACK did not arrive here: is the address in our Contact reachable from it?',
  'media-failed': 'the media thread of this server failed: its log says why',
  'media-worker-lost': 'the media thread of this server failed: its log says why',
  'rtpengine-unavailable': 'start rtpengine, or set rtpengine.address here to its ng port (listen-ng)',
  'rtpengine-refused': 'look into the log of rtpengine: it refused to carry the call',
  'internal-error': 'a fault of this server: its log says why',
  malformed: 'send a Contact and a well-formed Request-URI',
  'bad-extension': 'do not require the extensions that the Unsupported field names',
  'not-acceptable': 'let the INVITE accept application/sdp, or leave Accept out',
  'siprec-not-named': 'send Require: siprec, or set siprec.requireExtension to false here',
  'session-interval-too-small': 'use a session interval of at least the Min-SE given',
  'unsupported-media-type': 'send application/sdp, or for a recording multipart/mixed with application/rs-metadata+xml',
  'content-encoding': 'send the body uncompressed',
  'body-without-parts': 'divide the body by the boundary that Content-Type names',
  'metadata-forbidden': 'send rs-metadata without DOCTYPE and entities',
  'metadata-too-large': 'send rs-metadata of less than 64 kB',
  'metadata-too-deep': 'send rs-metadata nested less than 32 deep',
  'sdp-malformed': 'begin the session description with v=0 and give it an o= line (RFC 8866)',
  'sdp-no-audio': 'offer at least one audio line',
  'sdp-secure-only': 'offer plain RTP (RTP/AVP): SRTP is not taken',
  'sdp-no-common-codec': 'offer PCMU or PCMA (G.711)',
  'participant-excluded': 'a participant is on the list siprec.exclude here',
};

export const refusalReasons: readonly string[] = Object.keys(remedies);

export function remedyOf(reason: string): string | undefined {
  return remedies[reason] ?? (reason.startsWith('malformed-') ? remedyOfForm(reason) : undefined);
}

/** Of an INVITE that the engine cannot read: names the field. */
function remedyOfForm(reason: string): string {
  return `the INVITE breaks RFC 3261 at its ${reason.slice('malformed-'.length)}: mend it there, or update what sends it`;
}

/** RFC 3261 section 20.43: 305 is an incompatible media format, 399 anything else. */
export function warningOf(reason: string, remedy: string): string {
  return `${reason === 'sdp-no-common-codec' ? 305 : 399} sidetone "${remedy.replaceAll(/["\\\r\n]/g, "'")}"`;
}
