import type { LegMediaSettings } from '#sip/types.ts';
import { translationTable } from '#lib/audio/g711.ts';

/** What a payload number means on a leg. */
export const payloadKinds = {
  unknown: 0,
  pcmu: 1,
  pcma: 2,
  telephoneEvent: 3,
  comfortNoise: 4,
  /** Understood in copies alone; a bridged call has G.711. */
  g722: 5,
  opus: 6,
} as const;

/** Static numbers of RFC 3551 section 6; comfort noise: RFC 3389. */
const pcmuType = 0;
const pcmaType = 8;
const comfortNoiseType = 13;
const types = 128;

/**
 * Kind by payload number, for what is received on a leg: both laws and comfort noise are always understood, and
 * telephone-event also under the leg's own number, which some devices send with whatever we asked for.
 */
export function receivedKinds(settings: LegMediaSettings): Uint8Array {
  const kinds = new Uint8Array(types);
  if (settings.comfortNoise !== null) kinds[settings.comfortNoise] = payloadKinds.comfortNoise;
  kinds[comfortNoiseType] = payloadKinds.comfortNoise;
  for (const number of [settings.telephoneEvent, settings.receivedTelephoneEvent]) {
    if (number !== null) kinds[number] = payloadKinds.telephoneEvent;
  }
  kinds[pcmuType] = payloadKinds.pcmu;
  kinds[pcmaType] = payloadKinds.pcma;
  return kinds;
}

/** How a packet received on one leg leaves on the other, by its kind. */
export interface RelayPlan {
  /** Payload number to send, by kind; -1: the leg has not agreed to that kind and gets nothing. */
  readonly sendTypes: Int16Array;
  /** Code to code, when the law changes: by kind. */
  readonly translations: readonly (Uint8Array | undefined)[];
  /** Payload bytes of a packet above which it is cut (maxptime), and the size of the pieces; Infinity: never. */
  readonly cutAboveBytes: number;
  readonly pieceBytes: number;
}

export function relayPlan(to: LegMediaSettings): RelayPlan {
  const sendTypes = new Int16Array(5).fill(-1);
  const audioType = to.sendLaw === 'pcmu' ? pcmuType : pcmaType;
  sendTypes[payloadKinds.pcmu] = audioType;
  sendTypes[payloadKinds.pcma] = audioType;
  sendTypes[payloadKinds.telephoneEvent] = to.telephoneEvent ?? -1;
  sendTypes[payloadKinds.comfortNoise] = to.comfortNoise ?? -1;
  const translations: (Uint8Array | undefined)[] = [];
  translations[to.sendLaw === 'pcmu' ? payloadKinds.pcma : payloadKinds.pcmu] = translationTable(to.sendLaw);
  const bytesPerMs = 8;
  const { maxptimeMs } = to;
  return {
    sendTypes,
    translations,
    cutAboveBytes: maxptimeMs === null ? Infinity : maxptimeMs * bytesPerMs,
    pieceBytes: Math.max(1, Math.min(to.ptimeMs, maxptimeMs ?? to.ptimeMs)) * bytesPerMs,
  };
}
