import type { SourceRefusal } from '../types.ts';

/** Notes of calls that were taken, and yet not as they should have been: what to change where they come from, or here. */
const remedies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // A sender of plain descriptions never has any: nothing is to be mended there.
  'metadata-missing': { siprec: 'have the recorder client send rs-metadata: without it nobody in the call has a name' },
  'metadata-unreadable': {
    malformed: 'send the rs-metadata as well-formed XML: as it came nobody in the call has a name',
    'not-recording':
      'let the root of the metadata be a recording element (RFC 7865): as it came it was another document',
  },
  'stream-not-taken': {
    'no-common-codec': 'offer PCMU or PCMA (G.711) for every stream',
    codec: 'let rtpengine carry PCMU or PCMA (G.711) for both parties',
    'secure-only': 'offer plain RTP (RTP/AVP) for every stream: SRTP is not taken',
    'three-streams-at-most': 'send three streams of sound at the most: two parties and one more',
    'ports-exhausted': 'out of RTP ports: widen rtp.ports here',
    'media-failed': 'the media thread of this server failed: its log says why',
    changed: 'rtpengine did not give a changed stream again: its log says why',
    'side-taken': 'give each stream of a call a side of its own',
    'format-changed': 'keep the format of a stream as it was when it began',
  },
  'taken-as-copy': {
    'recorder-trunk':
      'if calls come by this trunk too, leave recorder out of it here and list the user that the recorder client dials in siprec.users: such calls are recorded and put through to nobody',
  },
};

/** Undefined for notes that nothing can be done about. */
export function remarkOf(note: string, detail: string): SourceRefusal | undefined {
  const remedy = remedies[note]?.[detail];
  return remedy === undefined ? undefined : { reason: note, remedy };
}
