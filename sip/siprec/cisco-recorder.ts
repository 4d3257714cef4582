import { parseNameAddr } from '../routing/name-addr.ts';
import type { PartySide } from '../types.ts';
import { storedUri } from '../routing/uri.ts';
import type { UndescribedParty } from './parties.ts';

/**
 * Cisco's network-based recording: CUCM sends the recorder two INVITEs with plain SDP for one call, told apart by
 * parameters of the From URI. The near end is the phone that is recorded, the far end whoever it talks with.
 *
 *     From: <sip:2000@ucm1;x-nearend;x-refci=22;x-nearenddevice=SEP1;x-farendrefci=21;x-farenddevice=SEP2;x-farendaddr=1000>
 */
export interface CiscoRecording {
  readonly end: 'near' | 'far';
  /** What both INVITEs of one call have in common. */
  readonly callReference: string;
  readonly nearUri: string | null;
  readonly farUri: string | null;
}

export function ciscoRecording(from: string | undefined): CiscoRecording | undefined {
  const uri = from === undefined ? undefined : parseNameAddr(from)?.uri;
  const [plain = '', ...parameters] = uri?.split(';') ?? [];
  const values = new Map(
    parameters.map((text) => {
      const [name = '', ...value] = text.trim().split('=');
      return [name.toLowerCase(), value.join('=')] as const;
    }),
  );
  const end = values.has('x-nearend') ? 'near' : values.has('x-farend') ? 'far' : undefined;
  const reference = values.get('x-refci') ?? '';
  if (end === undefined || reference === '') return undefined;
  const host = plain.split('@')[1] ?? '';
  const uriOf = (address: string | undefined): string | null => {
    if (address === undefined || address === '') return null;
    return storedUri(address.includes('@') ? `sip:${address}` : `sip:${address}@${host}`);
  };
  return {
    end,
    callReference: `${values.get('x-nearendclusterid') ?? host} ${reference}`,
    nearUri: uriOf(values.get('x-nearendaddr')) ?? storedUri(plain),
    farUri: uriOf(values.get('x-farendaddr')),
  };
}

/** Nothing says who called. The recorded phone is an agent's more often than not, and agents are called. */
export function sideOfEnd(end: 'near' | 'far'): PartySide {
  return end === 'near' ? 'callee' : 'caller';
}

export function partyOfSide(recording: CiscoRecording, side: PartySide): UndescribedParty {
  return side === sideOfEnd('near')
    ? { uri: recording.nearUri, displayName: null, role: 'agent' }
    : { uri: recording.farUri, displayName: null, role: 'customer' };
}
