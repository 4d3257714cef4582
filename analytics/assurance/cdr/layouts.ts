import type { CdrFileConfig } from '#lib/config/schema.ts';

/**
 * Where in a line what is. Asterisk: cdr_csv (Master.csv, `loguniqueid` and `loguserfield` on; with `newcdrcolumns` the
 * linked id too). FreeSWITCH: the template `example` of mod_cdr_csv, which is its default. Cisco: the flat files of
 * Unified CM, whose first line names the columns and whose second line gives their types.
 */

export type CdrField = keyof CdrFileConfig['columns'] | 'aliases';
type Place = string | number;
type Places = Readonly<Partial<Record<CdrField, readonly Place[]>>>;

export interface CdrLayout {
  readonly places: Places;
  /** The first line names the columns. */
  readonly hasHeader: boolean;
  /** A shorter line is no record. */
  readonly leastColumns: number;
}

const asterisk: CdrLayout = {
  places: {
    caller: [1],
    callee: [2],
    aliases: [5, 6],
    start: [9],
    answer: [10],
    end: [11],
    talkedS: [13],
    outcome: [14],
    uniqueId: [16],
    groupId: [19, 16],
  },
  hasHeader: false,
  leastColumns: 16,
};

const freeswitch: CdrLayout = {
  places: {
    caller: [1],
    callee: [2],
    start: [4],
    answer: [5],
    end: [6],
    talkedS: [8],
    uniqueId: [10],
    groupId: [10],
  },
  hasHeader: false,
  leastColumns: 11,
};

const cisco: CdrLayout = {
  places: {
    caller: ['callingPartyNumber'],
    callee: ['finalCalledPartyNumber'],
    aliases: ['originalCalledPartyNumber', 'huntPilotDN'],
    start: ['dateTimeOrigination'],
    answer: ['dateTimeConnect'],
    end: ['dateTimeDisconnect'],
    talkedS: ['duration'],
    uniqueId: ['pkid'],
    groupId: ['globalCallID_callId'],
    sipCallId: ['incomingProtocolCallRef', 'outgoingProtocolCallRef'],
  },
  hasHeader: true,
  leastColumns: 2,
};

export function layoutOf({ layout, columns }: CdrFileConfig): CdrLayout {
  const own: Partial<Record<CdrField, readonly Place[]>> = {};
  for (const [field, place] of Object.entries(columns))
    if (place !== undefined) own[field as keyof typeof columns] = [place];
  if (layout === 'columns') {
    const hasHeader = Object.values(columns).some((place) => typeof place === 'string');
    return { places: own, hasHeader, leastColumns: 1 };
  }
  const known = { asterisk, freeswitch, cisco }[layout];
  return { ...known, places: { ...known.places, ...own } };
}

/** Of each field, the places where it may stand, as indices; names that the header has not are left out. */
export function resolvePlaces(places: Places, header: readonly string[]): (field: CdrField) => readonly number[] {
  const names = header.map((name) => name.trim().toLowerCase());
  const indices = new Map<CdrField, readonly number[]>();
  for (const [field, several] of Object.entries(places)) {
    const found = several.map((place) => (typeof place === 'number' ? place : names.indexOf(place.toLowerCase())));
    indices.set(
      field as CdrField,
      found.filter((index) => index !== -1),
    );
  }
  return (field) => indices.get(field) ?? [];
}
