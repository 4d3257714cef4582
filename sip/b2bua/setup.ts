import { hasCode } from '#lib/errors.ts';
import { trunkOfHost } from '../auth/trunks.ts';
import { hopsOf, type Hop } from '../routing/hops.ts';
import { configuredHosts } from '../routing/routes.ts';
import { parseUri } from '../routing/uri.ts';
import type { SessionDescription } from '../sdp/description.ts';
import { LegSession } from '../sdp/leg-session.ts';
import type { TerminationReason } from '../types.ts';
import { Attempt, type AttemptOutcome } from './attempt.ts';
import type { Call } from './call.ts';
import { reasonOfStatus, refusalFor } from './call-state.ts';
import { allowedMethods, callIdHeader, supportedExtensions, type CallContext } from './context.ts';
import { fieldsAcross } from './header-rules.ts';
import { inviteFields } from './invite-fields.ts';
import { Leg } from './leg.ts';
import type { HeaderFields, SipRequest, SipResponse } from './messages.ts';
import { Provisionals } from './provisionals.ts';
import { SetupMedia } from './setup-media.ts';
import { contactsOf, shouldTryNext } from './target-rules.ts';

export interface SetupInput {
  readonly invite: SipRequest;
  /** Undefined: delayed offer. */
  readonly offer: SessionDescription | undefined;
  readonly targets: readonly string[];
  readonly maxForwards: number;
  readonly replaces: string | undefined;
  /** Fields of the session timer for the caller's 2xx. */
  readonly sessionFields: HeaderFields;
}

/** A little over the 64*T1 after which the engine refuses an INVITE whose PRACK never comes (RFC 3262 section 3). */
const noPrackT1 = 66;

/** From the caller's admitted INVITE to its answer or refusal: tries the targets in order (telephony.md, Routing). */
export class Setup {
  readonly provisionals: Provisionals;
  readonly #context: CallContext;
  readonly #call: Call;
  readonly #input: SetupInput;
  readonly #media: SetupMedia;
  #attempt: Attempt | undefined;
  #cancelFields: HeaderFields = {};

  constructor(context: CallContext, call: Call, input: SetupInput) {
    this.#context = context;
    this.#call = call;
    this.#input = input;
    this.provisionals = new Provisionals(input.invite, {
      onSent: (dialogId, toTag) => {
        call.caller.enterDialog(dialogId, { localTag: toTag });
        context.registry.addLeg(call, call.caller);
      },
      waitMs: noPrackT1 * context.timers.t1Ms,
      onUnacknowledged: () => call.end('no-ack'),
    });
    this.#media = new SetupMedia(context, call, input.offer, this.provisionals);
    call.onAborted = (reason) => this.#abort(reason);
    input.invite.onCancel((headers) => {
      this.#cancelFields = fieldsAcross(headers, call.caller, call.callee);
      call.end('caller-cancelled');
    });
  }

  async run(): Promise<void> {
    const queue = [...this.#input.targets];
    let last: AttemptOutcome = { kind: 'unreachable' };
    let redirects = 0;
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      const hops = await hopsOf(target, this.#context.resolver);
      if (hops.length === 0) this.#call.note('target-failed', 'unresolved');
      for (const hop of hops) {
        if (this.#over) return;
        last = await this.#try(hop);
        if (this.#over) return;
        if (last.kind === 'answered') {
          await this.#answer(last.response);
          return;
        }
        const contacts = last.kind === 'refused' ? this.#followed(last.response) : [];
        if (contacts.length > 0 && redirects < 5) {
          redirects += 1;
          queue.unshift(...contacts);
          break;
        }
        if (!shouldTryNext(last, this.#context.config.sip.retryOn6xx)) {
          this.#refuse(last);
          return;
        }
        this.#call.note('target-failed', last.kind === 'refused' ? String(last.response.status) : last.kind);
      }
    }
    if (!this.#over) this.#refuse(last);
  }

  get #over(): boolean {
    return this.#call.state === 'ended';
  }

  async #try(hop: Hop): Promise<AttemptOutcome> {
    const { config } = this.#context;
    const ourAddress = await this.#context.localAddresses.learn(hop.address);
    if (this.#over) return { kind: 'abandoned' };
    const { rtpPort, address } = this.#call.media.ports.callee;
    const trunk = trunkOfHost(config, hop.host) ?? trunkOfHost(config, hop.address);
    const leg = new Leg({
      side: 'callee',
      session: new LegSession(ourAddress, rtpPort, address),
      signallingAddress: hop.address,
      trusted: trunk?.trusted ?? true,
      trunk,
    });
    this.#call.callee = leg;
    const body = this.#media.offerFor(leg);
    const headers = inviteFields({
      invite: this.#input.invite,
      config,
      callerTrusted: this.#call.caller.trusted,
      targetTrunk: trunk,
      targetUri: hop.uri,
      maxForwards: this.#input.maxForwards,
      replaces: this.#input.replaces,
      // A reliable offer (delayed offer in 18x) must be answered in PRACK, which only the caller can do.
      reliableProvisionals: this.#input.offer !== undefined || this.provisionals.possible,
      ourAddress,
      hasBody: body !== undefined,
    });
    this.#attempt = new Attempt(
      this.#context,
      this.#call,
      leg,
      { uri: hop.uri, nextHop: hop.nextHop, headers, body },
      (response) => this.#ringing(leg, response),
    );
    const outcome = await this.#attempt.run();
    if (outcome.kind !== 'answered') this.#context.registry.removeLeg(leg);
    return outcome;
  }

  #ringing(leg: Leg, response: SipResponse): void {
    if (this.#over) return;
    this.#call.ring();
    const headers = { ...fieldsAcross(response.headers, leg, this.#call.caller), Allow: allowedMethods };
    this.#media.passProvisional(leg, response, headers);
  }

  async #answer(response: SipResponse): Promise<void> {
    const call = this.#call;
    const leg = call.callee;
    if (leg === undefined) return;
    const taken = this.#media.takeAnswer(leg, response);
    if (taken === undefined) {
      await this.#respond(488, 'not-acceptable-here', {});
      return;
    }
    await this.provisionals.settled();
    if (this.#over) return;
    const sent = this.#input.invite.respond(200, {
      headers: {
        ...fieldsAcross(response.headers, leg, call.caller),
        ...this.#input.sessionFields,
        [callIdHeader]: call.callId,
        Allow: allowedMethods,
        Supported: supportedExtensions,
        ...(taken.body === undefined ? {} : { 'Content-Type': 'application/sdp' }),
      },
      ...(taken.body === undefined ? {} : { body: taken.body }),
    });
    call.answer();
    try {
      const { dialogId, toTag } = await sent;
      call.caller.enterDialog(dialogId, { localTag: toTag });
      this.#context.registry.addLeg(call, call.caller);
      this.#markReplaced();
    } catch (thrown) {
      // Too large to be sent, or the caller's CANCEL was faster.
      call.end(hasCode(thrown, 'sip-too-large') ? 'internal-error' : 'caller-cancelled', { gone: 'caller' });
    }
  }

  /** The caller's ACK to our 2xx, with the answer to a delayed offer. */
  acknowledged(ack: SipRequest): void {
    const complete = this.#media.takeAck(ack);
    this.#call.acknowledge();
    if (!complete) this.#call.end('not-acceptable-here');
  }

  #markReplaced(): void {
    const callId = this.#input.replaces?.split(';')[0];
    const replaced = callId === undefined ? undefined : this.#context.registry.callOfSipCallId(callId);
    if (replaced === undefined) return;
    replaced.replaced = true;
    replaced.note('transfer', 'replaced');
  }

  #followed(response: SipResponse): string[] {
    if (response.status < 300 || response.status >= 400 || this.#context.config.sip.redirects === 'pass') return [];
    const hosts = configuredHosts(this.#context.config);
    return contactsOf(response.headers).filter((uri) => {
      const host = parseUri(uri)?.host;
      return host !== undefined && hosts.has(host);
    });
  }

  #refuse(outcome: AttemptOutcome): void {
    if (outcome.kind === 'refused') {
      const { status, headers, reason } = outcome.response;
      const contact = headers.get('contact');
      const fields = fieldsAcross(headers, this.#call.callee ?? this.#call.caller, this.#call.caller);
      for (const name of ['retry-after', 'warning', 'unsupported', 'accept']) {
        const value = headers.get(name);
        if (value !== undefined) fields[name] = value;
      }
      if (status < 400 && contact !== undefined) fields['Contact'] = contact;
      // A challenge that we could not meet is not the caller's to answer (RFC 3261 section 16.7 is for proxies).
      const passed = status === 401 || status === 407 ? 403 : status;
      void this.#respond(passed, reasonOfStatus(status), fields, passed === status ? reason : undefined);
    } else if (outcome.kind === 'rang-out') void this.#respond(480, 'no-answer', {});
    else void this.#respond(503, 'no-target-reachable', {});
  }

  async #respond(status: number, because: TerminationReason, headers: HeaderFields, reason?: string): Promise<void> {
    this.provisionals.stop();
    this.#call.onAborted = undefined;
    this.#call.end(because, { sipStatus: status });
    await this.#input.invite
      .respond(status, { headers, ...(reason === undefined || reason === '' ? {} : { reason }) })
      .catch(() => undefined);
  }

  /** The call was ended from elsewhere: give up the target, refuse the caller (whose CANCEL is already answered). */
  #abort(reason: TerminationReason): void {
    this.provisionals.stop();
    this.#attempt?.abandon(this.#cancelFields);
    if (reason === 'caller-cancelled') return;
    this.#input.invite.respond(refusalFor(reason)).catch(() => undefined);
  }
}
