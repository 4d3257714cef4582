import { sendInDialog, type DialogPeer } from '../b2bua/dialog-request.ts';
import type { SrsContext } from './srs-context.ts';

const mostPerCall = 3;
const body = `<?xml version="1.0" encoding="UTF-8"?>\r
<requestsnapshot xmlns="urn:ietf:params:xml:ns:recording:1">\r
  <requestreason xml:lang="en">metadata is missing or not complete</requestreason>\r
</requestsnapshot>\r
`;

/**
 * Asks a client for all of its metadata (RFC 7866 section 9.2): what came was missing, unreadable, or spoke of what
 * nobody has described. It answers with an update of its own. One is open at a time, a few in all.
 */
export class SnapshotRequests {
  readonly #context: SrsContext;
  readonly #peer: () => DialogPeer;
  #wanted = false;
  #asked = 0;
  #open = false;

  constructor(context: SrsContext, peer: () => DialogPeer) {
    this.#context = context;
    this.#peer = peer;
  }

  want(): void {
    this.#wanted = true;
  }

  /** The dialog is confirmed and nothing of the client's is open. */
  ready(): void {
    if (!this.#wanted || this.#open || this.#asked >= mostPerCall) return;
    this.#wanted = false;
    this.#open = true;
    this.#asked += 1;
    const { final } = sendInDialog(this.#context, this.#peer(), {
      method: 'UPDATE',
      headers: { 'Content-Type': 'application/rs-metadata-request', 'Content-Disposition': 'recording-session' },
      body,
    });
    const settled = final.finally(() => {
      this.#open = false;
    });
    this.#context.tasks.add(settled);
  }
}
