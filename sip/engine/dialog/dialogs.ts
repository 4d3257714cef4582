import { fieldText } from '../control/frames.ts';
import type { Dialog } from './dialog.ts';

/**
 * Every living dialog, by the id that the application knows and by what its requests carry. The id is
 * `<Call-ID>;from-tag=<tag of the INVITE's From>` as drachtio-srf expects; a second dialog of the same INVITE (a fork,
 * or a call that we placed to ourselves) gets a number behind it.
 */
export class Dialogs {
  readonly #byId = new Map<string, Dialog>();
  readonly #byTags = new Map<string, Dialog>();
  readonly #onEnd: (dialog: Dialog) => void;

  constructor(onEnd: (dialog: Dialog) => void) {
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#byId.size;
  }

  freeId(callId: string, inviteFromTag: string): string {
    const plain = fieldText(`${callId};from-tag=${inviteFromTag}`);
    if (!this.#byId.has(plain)) return plain;
    let number = 2;
    while (this.#byId.has(`${plain};${number}`)) number += 1;
    return `${plain};${number}`;
  }

  add(dialog: Dialog): void {
    this.#byId.set(dialog.id, dialog);
    this.#byTags.set(tagsKey(dialog.callId, dialog.localTag, dialog.remoteTag), dialog);
  }

  byId(id: string): Dialog | undefined {
    return this.#byId.get(id);
  }

  /** Of a request that we received: its To tag is ours, its From tag theirs. */
  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    return this.#byTags.get(tagsKey(callId, localTag, remoteTag));
  }

  end(dialog: Dialog): void {
    if (this.#byId.get(dialog.id) === dialog) this.#byId.delete(dialog.id);
    const key = tagsKey(dialog.callId, dialog.localTag, dialog.remoteTag);
    if (this.#byTags.get(key) === dialog) this.#byTags.delete(key);
    dialog.terminate();
    this.#onEnd(dialog);
  }
}

/** Tags and Call-ID hold no blank. */
function tagsKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}
