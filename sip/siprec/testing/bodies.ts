import type { ClientBody } from './recording-client.ts';
import { multipart, offerText } from './vendor-bodies.ts';

/** Plain bodies of a client that follows the RFCs, for tests that are about something else than bodies. */
export function recordingOffer(
  streams: readonly {
    readonly label?: string;
    readonly direction?: string;
    readonly port?: number;
    readonly formats?: string;
  }[] = [{ label: '1' }, { label: '2' }],
  connection?: string,
): string {
  const media = streams.map(({ label, direction = 'sendonly', port, formats }, index) => ({
    ...(label === undefined ? {} : { label }),
    port: port ?? 40_000 + 2 * index,
    ...(formats === undefined ? {} : { formats }),
    more: ['a=rtpmap:101 telephone-event/8000', `a=${direction}`],
  }));
  return offerText(media, connection);
}

export interface Talker {
  readonly id: string;
  readonly uri: string;
  readonly sends: string;
}
export const ann: Talker = { id: 'p1', uri: 'sip:ann@example.com', sends: 't1' };
export const bob: Talker = { id: 'p2', uri: 'sip:bob@example.com', sends: 't2' };

/** Streams are `t` and their label. */
export function metadataText(
  talkers: readonly Talker[],
  labels: readonly string[],
  more = '',
  mode = 'complete',
): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>${mode}</datamode><session session_id="s"/>
${talkers
  .map(
    ({ id, uri, sends }) =>
      `<participant participant_id="${id}"><nameID aor="${uri}"/></participant>
<participantsessionassoc participant_id="${id}" session_id="s"/>
<participantstreamassoc participant_id="${id}"><send>${sends}</send></participantstreamassoc>`,
  )
  .join('\n')}
${labels.map((label) => `<stream stream_id="t${label}" session_id="s"><label>${label}</label></stream>`).join('\n')}
${more}</recording>`;
}

export function sdpBody(text: string): ClientBody {
  return { contentType: 'application/sdp', body: text };
}

export function metadataBody(text: string): ClientBody {
  return { contentType: 'application/rs-metadata+xml', body: text };
}

export function bothBodies(sdp: string, metadata: string): ClientBody {
  return multipart({
    boundary: 'rs-boundary',
    parts: [
      { headers: ['Content-Type: application/sdp'], text: sdp },
      {
        headers: ['Content-Type: application/rs-metadata+xml', 'Content-Disposition: recording-session'],
        text: metadata,
      },
    ],
  });
}

/** Two streams, two parties. */
export function plainRecording(): ClientBody {
  return bothBodies(recordingOffer(), metadataText([ann, bob], ['1', '2']));
}
export const siprecHeaders: readonly string[] = ['Require: siprec', 'Allow: INVITE, ACK, BYE, CANCEL, UPDATE, OPTIONS'];
