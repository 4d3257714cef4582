import type { TrunkConfig } from '#lib/config/schema.ts';
import { hasCode, toError } from '#lib/errors.ts';
import type { SipRequest } from '../b2bua/messages.ts';
import { recordPolicyOf } from '../b2bua/record-policy.ts';
import { refused, type Refused } from '../b2bua/refusals.ts';
import type { ForkedCall } from '../forks/forked-call.ts';
import { peerText } from '../sources/ladders.ts';
import { remarkOf } from '../sources/remarks.ts';
import type { PartySide } from '../types.ts';
import { ciscoRecording, partyOfSide, sideOfEnd, type CiscoRecording } from './cisco-recorder.ts';
import { uriOfAor } from './participant-uri.ts';
import { Parties, type UndescribedParty } from './parties.ts';
import { RecordedCall } from './recorded-call.ts';
import { ownOffer } from './own-offer.ts';
import { RecordingDialog } from './recording-dialog.ts';
import {
  checkInvite,
  isRecording,
  looksOrdinary,
  namesExtension,
  readBody,
  type RecordingBody,
} from './recording-invite.ts';
import { mergeMetadata, nothingKnown, type RecordingState } from './recording-state.ts';
import { callIdsIn, keptHeaders } from './recorded-identity.ts';
import { assignSides } from './sides.ts';
import type { SrsContext } from './srs-context.ts';

export interface AdmittedRecording {
  readonly trunk: TrunkConfig | undefined;
  readonly trusted: boolean;
}

/** s after which a refused client may try again. */
const retryAfterS = { draining: 30, full: 10, media: 10 } as const;

const unknownParty: UndescribedParty = { uri: null, displayName: null, role: 'unknown' };

/** The session recording server (RFC 7866): takes the INVITEs of recording clients, and every request of their dialogs. */
export class Srs {
  readonly #context: SrsContext;
  readonly #excluded: readonly RegExp[];
  readonly #dialogs = new Map<string, RecordingDialog>();
  /** Cisco's calls that come in two dialogs, by what the two have in common. */
  readonly #joint = new Map<string, Promise<RecordedCall | undefined>>();
  /** Names of trunks. */
  readonly #hinted = new Set<string>();
  #idle: (() => void)[] = [];

  constructor(context: SrsContext) {
    this.#context = context;
    this.#excluded = context.config.siprec.exclude.map((source) => new RegExp(source));
  }

  /** Whether an admitted INVITE outside a dialog is ours. */
  takes(invite: SipRequest, trunk: TrunkConfig | undefined): boolean {
    return isRecording(this.#context.config, invite, trunk);
  }

  /** Whether the request belongs to a dialog of ours; then it is dealt with. */
  receive(request: SipRequest): boolean {
    const dialog = request.dialogId === '' ? undefined : this.#dialogs.get(request.dialogId);
    if (dialog === undefined) return false;
    this.#context.sources.heard(dialog.callId, peerText(request.source.address, request.source.port));
    dialog.receive(request);
    return true;
  }

  /** Begins a recording of an admitted INVITE that `takes`. Never rejects. */
  async invite(invite: SipRequest, admitted: AdmittedRecording): Promise<void> {
    const body = readBody(invite);
    const refusal = checkInvite(this.#context.config, invite) ?? (body.kind === 'refused' ? body : undefined);
    if (refusal !== undefined || body.kind === 'refused') {
      if (refusal !== undefined) this.#refuse(invite, refusal, admitted);
      return;
    }
    const state = body.metadata?.ok === true ? mergeMetadata(nothingKnown, body.metadata.metadata).state : nothingKnown;
    if (this.#isExcluded(state)) {
      this.#refuse(invite, refused(603, 'participant-excluded'), admitted);
      return;
    }
    try {
      await this.#begin(invite, admitted, body, state);
    } catch (thrown) {
      this.#refuse(invite, this.#refusalFor(thrown), admitted);
    }
  }

  /** Resolves when no dialog is left, those to which a BYE is under way included. */
  whenIdle(): Promise<void> {
    return this.#dialogs.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  async #begin(
    invite: SipRequest,
    admitted: AdmittedRecording,
    body: RecordingBody,
    state: RecordingState,
  ): Promise<void> {
    const ourAddress = await this.#context.localAddresses.learn(invite.source.address);
    const cisco = ciscoRecording(invite.headers.get('from'));
    const namedSide = cisco === undefined ? null : sideOfEnd(cisco.end);
    const call = await this.#callFor(invite, admitted, body, state, cisco);
    const dialogIds: string[] = [];
    const dialog = new RecordingDialog(this.#context, call, invite, {
      ourAddress,
      namedSide,
      refuse: (request, refusal) => this.#refuse(request, refusal, admitted),
      isExcluded: (known) => this.#isExcluded(known),
      onDialog: (dialogId) => {
        dialogIds.push(dialogId);
        this.#dialogs.set(dialogId, dialog);
      },
      onGone: () => this.#forget(dialogIds),
    });
    const isClient = namesExtension(invite);
    const metadataRead = body.metadata?.ok === true;
    if (body.metadata?.ok === false) call.forked.note('metadata-unreadable', body.metadata.problem);
    else if (body.metadata === undefined) call.forked.note('metadata-missing', isClient ? 'siprec' : 'plain');
    if (cisco === undefined && looksOrdinary(invite, admitted.trunk, body)) this.#hintAtCalls(call, admitted.trunk);
    await dialog.start(body, isClient && !metadataRead);
  }

  /** A call of its own, or the one that the other end's INVITE has begun. */
  async #callFor(
    invite: SipRequest,
    admitted: AdmittedRecording,
    body: RecordingBody,
    state: RecordingState,
    cisco: CiscoRecording | undefined,
  ): Promise<RecordedCall> {
    if (cisco === undefined) return this.#newCall(invite, admitted, body, state, () => unknownParty, null);
    const side = sideOfEnd(cisco.end);
    // The nodes of a cluster share the work: one end may come from another address than the other.
    const key = `${admitted.trunk?.name ?? invite.source.address} ${cisco.callReference}`;
    // Nothing is awaited between looking and entering: both ends' INVITEs may come in one breath.
    const pending = this.#joint.get(key);
    const known = pending === undefined ? undefined : await pending;
    if (known?.claim(side) === true) {
      known.forked.leg(invite.callId);
      return known;
    }
    const made = this.#newCall(invite, admitted, body, state, (each) => partyOfSide(cisco, each), side);
    const forget = (): void => {
      if (this.#joint.get(key) === kept) this.#joint.delete(key);
    };
    const kept = made.catch(() => {
      forget();
      return undefined;
    });
    this.#joint.set(key, kept);
    const call = await made;
    call.claim(side);
    call.onEnded(forget);
    return call;
  }

  async #newCall(
    invite: SipRequest,
    admitted: AdmittedRecording,
    body: RecordingBody,
    state: RecordingState,
    undescribed: (side: PartySide) => UndescribedParty,
    namedSide: PartySide | null,
  ): Promise<RecordedCall> {
    const { forks, clock } = this.#context;
    const parties = new Parties();
    const lines = assignSides(
      (body.offer ?? ownOffer(state)).lines.map((line, index) => ({
        label: line.label,
        usable: line.audio !== null,
        active: (line.audio?.rtpPort ?? 0) !== 0,
        side: index === 0 ? namedSide : null,
      })),
      state,
    );
    const forked: ForkedCall = await forks.begin({
      source: 'siprec',
      sourceName: admitted.trunk?.name ?? invite.source.address,
      sipCallIds: [invite.callId, ...callIdsIn(state)],
      parties: parties.update(lines, state, 0, undescribed),
      record: recordPolicyOf(this.#context.config, invite.headers),
      headers: keptHeaders(invite, admitted.trusted, state),
    });
    return new RecordedCall(forked, { parties, state, undescribed, nowMs: () => clock.nowMs() });
  }

  /** The trunk says that all its INVITEs are copies; this one says nothing of the kind. */
  #hintAtCalls(call: RecordedCall, trunk: TrunkConfig | undefined): void {
    const note = ['taken-as-copy', 'recorder-trunk'] as const;
    call.forked.note(...note);
    const name = trunk?.name ?? '';
    if (this.#hinted.has(name)) return;
    this.#hinted.add(name);
    const remedy = remarkOf(...note)?.remedy;
    this.#context.logger.warn({ trunk: name, remedy }, 'taken for a copy of a call, and looks like a call');
  }

  #refuse(request: SipRequest, refusal: Refused, { trunk }: AdmittedRecording): void {
    const sourceName = trunk?.name ?? request.source.address;
    this.#context.refusals.refuse(request, refusal, { source: 'siprec', sourceName });
  }

  #isExcluded(state: RecordingState): boolean {
    if (this.#excluded.length === 0) return false;
    const present = state.participants.filter((participant) => participant.present);
    const uris = present.flatMap(({ aor }) => (aor === null ? [] : [uriOfAor(aor) ?? aor]));
    return uris.some((uri) => this.#excluded.some((pattern) => pattern.test(uri)));
  }

  #refusalFor(thrown: unknown): Refused {
    if (hasCode(thrown, 'server-draining')) {
      return refused(503, 'server-draining', { 'Retry-After': String(retryAfterS.draining) });
    }
    if (hasCode(thrown, 'at-capacity')) {
      const status = this.#context.config.siprec.fullStatus;
      return refused(status, 'at-capacity', { 'Retry-After': String(retryAfterS.full) });
    }
    if (!hasCode(thrown, 'ports-exhausted') && !hasCode(thrown, 'media-worker-lost')) {
      this.#context.logger.error({ err: toError(thrown) }, 'recording could not be begun');
      return refused(500, 'internal-error', { 'Retry-After': String(retryAfterS.media) });
    }
    return refused(503, thrown.code, { 'Retry-After': String(retryAfterS.media) });
  }

  #forget(dialogIds: readonly string[]): void {
    for (const dialogId of dialogIds) this.#dialogs.delete(dialogId);
    if (this.#dialogs.size > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle = [];
  }
}
