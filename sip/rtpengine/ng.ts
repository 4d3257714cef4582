import { decodeBencode, encodeBencode, type Bencode, type BencodeDictionary, type Encodable } from './bencode.ts';

/**
 * The messages of rtpengine's ng protocol, as far as we speak it (rtpengine's own page "The NG Control Protocol"):
 * `COOKIE SPACE BENCODE-DICTIONARY` in one datagram, either way; an answer carries the cookie of its question.
 */
export type NgCommand =
  | 'ping'
  | 'query'
  | 'statistics'
  | 'offer'
  | 'answer'
  | 'delete'
  | 'subscribe request'
  | 'subscribe answer'
  | 'unsubscribe';

export type NgFields = Readonly<Record<string, Encodable | undefined>>;

export function encodeRequest(cookie: string, command: NgCommand, fields: NgFields): Buffer {
  return Buffer.concat([Buffer.from(`${cookie} `), encodeBencode({ command, ...fields })]);
}

export type NgReply =
  | { readonly ok: true; readonly fields: BencodeDictionary }
  /** rtpengine's own words, such as `Unknown call-id`. */
  | { readonly ok: false; readonly reason: string };

const maxCookieBytes = 64;
const space = 0x20;

/** Undefined: not an answer. */
export function decodeReply(datagram: Uint8Array): { readonly cookie: string; readonly reply: NgReply } | undefined {
  const split = datagram.subarray(0, maxCookieBytes + 1).indexOf(space);
  if (split <= 0) return undefined;
  const fields = decodeBencode(datagram, split + 1);
  if (!isDictionary(fields)) return undefined;
  const result = textOf(fields.get('result'));
  const cookie = Buffer.from(datagram.subarray(0, split)).toString('latin1');
  if (result === 'ok' || result === 'pong') return { cookie, reply: { ok: true, fields } };
  if (result !== 'error') return undefined;
  return { cookie, reply: { ok: false, reason: textOf(fields.get('error-reason')) ?? 'no reason given' } };
}

/** One party of a call as rtpengine knows it: a SIP tag, and whom it talks with. */
export interface Participant {
  readonly tag: string;
  /** Given by the proxy (`label=` of offer and answer), else null. */
  readonly label: string | null;
  /** Tags on the other side of its offers and answers; empty where that side has not answered. */
  readonly peers: readonly string[];
  /** Does its audio come to rtpengine (it talks), and does rtpengine send it any (it listens)? Hold clears one or both. */
  readonly talks: boolean;
  readonly listens: boolean;
  /** rtpengine keeps ports open for it: without, it is gone, or has switched all media off. */
  readonly hasPorts: boolean;
  /** One for each of its m-lines, in order. */
  readonly mediaKinds: readonly string[];
}

/**
 * The parties in the answer to `query`, in the order in which rtpengine met them. Who merely has a copy (a subscriber,
 * such as we are) and the side that has not answered yet are left out.
 */
export function readParticipants(fields: BencodeDictionary): readonly Participant[] {
  const tags = fields.get('tags');
  if (!isDictionary(tags)) return [];
  return [...tags.values()].filter(isDictionary).flatMap((entry) => {
    const tag = textOf(entry.get('tag')) ?? '';
    const links = [...dictionariesIn(entry.get('subscriptions')), ...dictionariesIn(entry.get('subscribers'))];
    const isSubscriber = links.length > 0 && links.every((link) => link.get('type') === 'pub/sub');
    if (tag === '' || isSubscriber) return [];
    const medias = dictionariesIn(entry.get('medias'));
    const peers = links
      .filter((link) => link.get('type') === 'offer/answer')
      .map((link) => textOf(link.get('tag')) ?? '');
    // Versions before subscriptions existed.
    const partner = textOf(entry.get('in dialogue with')) ?? '';
    const audio = medias.find((media) => media.get('type') === 'audio');
    const flags = audio === undefined ? [] : textsIn(audio.get('flags'));
    return [
      {
        tag,
        label: textOf(entry.get('label')) ?? null,
        peers: [...new Set([...peers, partner])].filter((each) => each !== ''),
        talks: flags.includes('recv'),
        listens: flags.includes('send'),
        hasPorts: medias.some(hasPort),
        mediaKinds: medias.map((media) => textOf(media.get('type')) ?? ''),
      },
    ];
  });
}

function hasPort(media: BencodeDictionary): boolean {
  return dictionariesIn(media.get('streams')).some((stream) => typeof stream.get('local port') === 'number');
}

/** rtpengine's answer to `subscribe request`. */
export interface SubscriptionOffer {
  readonly sdp: string;
  /** Names the subscription from here on. */
  readonly toTag: string;
  /** Whose media each m-line of the offer is: by its `a=label` where there are labels, else in order. */
  readonly labelTags: ReadonlyMap<string, string>;
  readonly lineTags: readonly string[];
}

/**
 * Undefined where the answer lacks something. Asked with the flag `siprec` it says which m-line is whose; a version that
 * does not know the flag lists the tags alone, in the order of their m-lines, of which each has as many as `query` says.
 */
export function readSubscriptionOffer(
  fields: BencodeDictionary,
  participants: readonly Participant[],
): SubscriptionOffer | undefined {
  const sdp = textOf(fields.get('sdp'));
  const toTag = textOf(fields.get('to-tag'));
  if (sdp === undefined || toTag === undefined) return undefined;
  const labelTags = new Map<string, string>();
  for (const each of dictionariesIn(fields.get('tag-medias'))) {
    for (const media of dictionariesIn(each.get('medias'))) {
      labelTags.set(textOf(media.get('label')) ?? '', textOf(each.get('tag')) ?? '');
    }
  }
  const lineTags = textsIn(fields.get('from-tags')).flatMap(
    (tag) => participants.find((each) => each.tag === tag)?.mediaKinds.map(() => tag) ?? [tag],
  );
  return { sdp, toTag, labelTags, lineTags };
}

/** Seconds that rtpengine has been running, from the answer to `statistics`. */
export function readUptimeS(fields: BencodeDictionary): number | undefined {
  const statistics = fields.get('statistics');
  const totals = isDictionary(statistics) ? statistics.get('totalstatistics') : undefined;
  const uptime = isDictionary(totals) ? Number(totals.get('uptime')) : Number.NaN;
  return Number.isFinite(uptime) && uptime >= 0 ? uptime : undefined;
}

function isDictionary(value: Bencode | undefined): value is BencodeDictionary {
  return value instanceof Map;
}

function dictionariesIn(value: Bencode | undefined): readonly BencodeDictionary[] {
  return Array.isArray(value) ? value.filter(isDictionary) : [];
}

function textsIn(value: Bencode | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function textOf(value: Bencode | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
