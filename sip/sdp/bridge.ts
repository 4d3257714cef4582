import { isUnspecified } from '#lib/addresses.ts';
import type { Law, LegMediaSettings } from '../types.ts';
import { answerable, receives, sends, type AudioDescription } from './description.ts';
import type { LocalAudio } from './leg-session.ts';

/**
 * The offer for one leg made from the other leg's. Laws keep the offerer's order; the one it lacks is added at the
 * end, because media translates between them. The leg's own telephone-event number stays once it has one
 * (RFC 3264 section 8.3.2: a number is not given another meaning within a session).
 */
export function offerFrom(other: AudioDescription, before: LocalAudio | null): LocalAudio {
  const laws: Law[] = [...other.laws];
  for (const law of ['pcmu', 'pcma'] as const) if (!laws.includes(law)) laws.push(law);
  const known = before?.telephoneEvent?.payload;
  return {
    laws,
    comfortNoise: other.comfortNoise,
    telephoneEvent:
      other.telephoneEvent === null
        ? null
        : { ...other.telephoneEvent, payload: known ?? other.telephoneEvent.payload },
    ptimeMs: other.ptimeMs,
    maxptimeMs: other.maxptimeMs,
    direction: isOff(other) ? 'inactive' : other.direction,
    rtcpMux: before?.rtcpMux ?? other.rtcpMux,
    off: false,
  };
}

/**
 * The answer to one leg's offer made from the other leg's answer. Only what the offer lists is answered; a law common
 * to both legs comes first, and where there is none each leg keeps its own.
 */
export function answerFrom(offer: AudioDescription, other: AudioDescription): LocalAudio {
  const common = other.laws.filter((law) => offer.laws.includes(law));
  return {
    laws: common.length > 0 ? common : offer.laws,
    comfortNoise: offer.comfortNoise && other.comfortNoise,
    telephoneEvent:
      offer.telephoneEvent !== null && other.telephoneEvent !== null
        ? { payload: offer.telephoneEvent.payload, events: other.telephoneEvent.events }
        : null,
    ptimeMs: other.ptimeMs,
    maxptimeMs: other.maxptimeMs,
    direction: answerable(offer.direction, isOff(other) ? 'inactive' : other.direction),
    rtcpMux: offer.rtcpMux,
    off: isOff(offer) || isOff(other),
  };
}

/**
 * What media is told of a leg once both sides of its description are known (or, for a caller not yet answered, with
 * `local` null: its own offer alone). `sourceAddresses` are the IPs that its RTP may come from besides the described one.
 */
export function mediaSettings(
  remote: AudioDescription,
  local: LocalAudio | null,
  sourceAddresses: readonly string[],
  holding: boolean,
): LegMediaSettings {
  const off = isOff(remote) || (local?.off ?? false);
  const reachable = !off && !isUnspecified(remote.address);
  const laws = local === null ? remote.laws : remote.laws.filter((law) => local.laws.includes(law));
  const event = local !== null && local.telephoneEvent === null ? null : remote.telephoneEvent;
  return {
    remote: reachable ? { address: remote.address, rtpPort: remote.rtpPort, rtcpPort: remote.rtcpPort } : null,
    acceptedAddresses: [...new Set([...(reachable ? [remote.address] : []), ...sourceAddresses])],
    rtcpMux: remote.rtcpMux && (local?.rtcpMux ?? true),
    sendLaw: laws[0] ?? remote.laws[0] ?? 'pcmu',
    comfortNoise: remote.comfortNoise && (local?.comfortNoise ?? true) ? 13 : null,
    telephoneEvent: event?.payload ?? null,
    receivedTelephoneEvent: event === null ? null : (local?.telephoneEvent?.payload ?? event.payload),
    ptimeMs: remote.ptimeMs ?? 20,
    maxptimeMs: remote.maxptimeMs,
    talks: !off && sends(remote.direction),
    listens: reachable && receives(remote.direction),
    holding,
  };
}

/**
 * What media is told of a leg that has been offered a session and not yet described its own: who offers must be ready
 * for what comes (RFC 3264 section 5.1). A callee talks as it picks up, and its first words may overtake its 200.
 */
export function offeredSettings(offered: LocalAudio, sourceAddresses: readonly string[]): LegMediaSettings {
  return {
    remote: null,
    acceptedAddresses: sourceAddresses,
    rtcpMux: offered.rtcpMux,
    sendLaw: offered.laws[0] ?? 'pcmu',
    comfortNoise: offered.comfortNoise ? 13 : null,
    telephoneEvent: null,
    receivedTelephoneEvent: offered.telephoneEvent?.payload ?? null,
    ptimeMs: offered.ptimeMs ?? 20,
    maxptimeMs: offered.maxptimeMs,
    talks: !offered.off && receives(offered.direction),
    listens: false,
    holding: false,
  };
}

/**
 * Whether the leg that sent `description` has the other on hold. An offer that does not receive holds. An answer holds
 * when it refuses what the offer would have sent; to an offer that sends nothing it says nothing about hold.
 */
export function holdsAfter(description: AudioDescription, offered: LocalAudio | null, before: boolean): boolean {
  if (isOff(description)) return true;
  if (offered !== null && !sends(offered.direction)) return before;
  return !receives(description.direction);
}

export function isOff(audio: AudioDescription): boolean {
  return audio.rtpPort === 0;
}
