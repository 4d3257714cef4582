import type { SipRequest } from '../b2bua/messages.ts';
import type { RecordedCall } from './recorded-call.ts';
import { mergeMetadata, type RecordingState } from './recording-state.ts';
import type { MetadataResult } from './rs-metadata.ts';
import { SnapshotRequests, type SnapshotRequestsOptions } from './snapshot-requests.ts';
import type { SrsContext } from './srs-context.ts';

export interface DialogMetadataOptions extends SnapshotRequestsOptions {
  /** Somebody takes part who must not be recorded. */
  readonly isExcluded: (state: RecordingState) => boolean;
}

/** What one dialog tells of the call, and the asking for what it does not. */
export class DialogMetadata {
  readonly #call: RecordedCall;
  readonly #options: DialogMetadataOptions;
  readonly #snapshots: SnapshotRequests;
  #allowsUpdate = false;

  constructor(context: SrsContext, call: RecordedCall, options: DialogMetadataOptions) {
    this.#call = call;
    this.#options = options;
    this.#snapshots = new SnapshotRequests(context, options);
  }

  /** Whether the client knows UPDATE, by which it would be asked. */
  learn({ headers }: SipRequest): void {
    if (headers.get('allow') !== undefined) this.#allowsUpdate = headers.lists('allow', 'update');
  }

  /** All of it is wanted anew, when the time has come. */
  want(): void {
    this.#snapshots.want();
  }

  /** The dialog is confirmed and nothing of the client's is open. */
  ask(): void {
    if (this.#allowsUpdate) this.#snapshots.ready();
  }

  take(metadata: MetadataResult | undefined): void {
    if (metadata === undefined) return;
    if (!metadata.ok) {
      this.#call.forked.note('metadata-unreadable', metadata.problem);
      this.#snapshots.want();
      return;
    }
    const { state, dangling } = mergeMetadata(this.#call.state, metadata.metadata);
    this.#call.state = state;
    this.#call.forked.wantPause(this.#options.isExcluded(state), 'siprec-exclude');
    if (dangling) this.#snapshots.want();
  }
}
