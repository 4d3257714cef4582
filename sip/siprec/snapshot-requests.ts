import { sendInDialog, type DialogPeer } from '../b2bua/dialog-request.ts';
import type { SrsContext } from './srs-context.ts';

export interface SnapshotRequestsOptions {
  readonly peer: () => DialogPeer;
  /** The client knows of no such dialog (481): it has forgotten the recording. */
  readonly onNoDialog: () => void;
}

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
  readonly #options: SnapshotRequestsOptions;
  #wanted = false;
  #asked = 0;
  #open = false;

  constructor(context: SrsContext, options: SnapshotRequestsOptions) {
    this.#context = context;
    this.#options = options;
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
    const { final } = sendInDialog(this.#context, this.#options.peer(), {
      method: 'UPDATE',
      headers: { 'Content-Type': 'application/rs-metadata-request', 'Content-Disposition': 'recording-session' },
      body,
    });
    const settled = final.then(({ status }) => {
      this.#open = false;
      if (status === 481) this.#options.onNoDialog();
      return status;
    });
    this.#context.tasks.add(settled);
  }
}
