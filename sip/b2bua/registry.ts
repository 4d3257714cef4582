import { LiveCalls } from '../live-calls.ts';
import { parseNameAddr } from '../routing/name-addr.ts';
import type { Call } from './call.ts';
import type { Leg } from './leg.ts';
import type { LegIdentifiers } from './replaces.ts';

export interface RegisteredLeg {
  readonly call: Call;
  readonly leg: Leg;
}

/** Calls by their id, and legs by drachtio dialog id and by SIP Call-ID. */
export class Registry {
  readonly calls = new LiveCalls<Call>();
  readonly #byDialogId = new Map<string, RegisteredLeg>();
  readonly #bySipCallId = new Map<string, (RegisteredLeg & { readonly dialogId: string })[]>();

  /** Makes the leg's dialog known. A leg may have several (forks of its INVITE), under one Call-ID. */
  addLeg(call: Call, leg: Leg): void {
    if (leg.dialogId === '' || this.#byDialogId.has(leg.dialogId)) return;
    const entry = { call, leg };
    this.#byDialogId.set(leg.dialogId, entry);
    const known = this.#bySipCallId.get(leg.ids.callId) ?? [];
    this.#bySipCallId.set(leg.ids.callId, [...known, { ...entry, dialogId: leg.dialogId }]);
  }

  removeLeg(leg: Leg): void {
    const known = this.#bySipCallId.get(leg.ids.callId) ?? [];
    const rest = known.filter((entry) => entry.leg !== leg);
    for (const entry of known) if (entry.leg === leg) this.#byDialogId.delete(entry.dialogId);
    if (rest.length === 0) this.#bySipCallId.delete(leg.ids.callId);
    else this.#bySipCallId.set(leg.ids.callId, rest);
  }

  leg(dialogId: string): RegisteredLeg | undefined {
    return this.#byDialogId.get(dialogId);
  }

  /** For Replaces: the legs with this SIP Call-ID and the other side of each. */
  identifiers(sipCallId: string): LegIdentifiers[] {
    return (this.#bySipCallId.get(sipCallId) ?? []).map(({ call, leg }) => ({
      own: leg.ids,
      other: call.other(leg)?.ids,
    }));
  }

  /** Where the far end of the dialog with this SIP Call-ID takes requests, as a URI. */
  contactOf(sipCallId: string): string | undefined {
    const contact = this.#bySipCallId.get(sipCallId)?.[0]?.leg.contact;
    return contact === undefined ? undefined : parseNameAddr(contact)?.uri;
  }

  /** The call that a Replaces value, ours or already translated, speaks of. */
  callOfSipCallId(sipCallId: string): Call | undefined {
    return this.#bySipCallId.get(sipCallId)?.[0]?.call;
  }
}
