import { createHash } from 'node:crypto';
import { storable } from '../storable.ts';
import type { Actor, AuditEntry, Json } from '../types.ts';

/**
 * The hash chain, pure. For row n, from 1 (`||` joins bytes, u64 is big-endian):
 *
 *     content        canonical JSON of the entry, UTF-8
 *     contentDigest  SHA-256(salt || content)            salt: 32 random bytes, kept beside the content
 *     leaf           "sidetone-audit-v1" || u64 n || contentDigest
 *     leafHash       SHA-256(0x00 || leaf)               the leaf hash of RFC 6962 section 2.1: a tree over the same
 *                                                        leaves can be put beside the chain later
 *     hash(n)        SHA-256(0x02 || hash(n-1) || leafHash), hash(0) = 32 zero bytes
 *     signature      Ed25519 over "sidetone-audit-head-v1" || u64 n || hash(n)
 *
 * Erasing a row's content and salt leaves the digest, so that the chain still verifies, and the salt keeps anyone from
 * guessing what the content was.
 */
export const saltBytes = 32;
export const genesisHash: Buffer = Buffer.alloc(32);
const leafTag = Buffer.from('sidetone-audit-v1');
const headTag = Buffer.from('sidetone-audit-head-v1');

export function contentDigest(salt: Buffer, content: string): Buffer {
  return createHash('sha256').update(salt).update(content, 'utf8').digest();
}

export function leafHash(sequence: number, digest: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(leafTag).update(u64(sequence)).update(digest).digest();
}

export function chainHash(previous: Buffer, sequence: number, digest: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(2)).update(previous).update(leafHash(sequence, digest)).digest();
}

export function signedBytes(sequence: number, hash: Buffer): Buffer {
  return Buffer.concat([headTag, u64(sequence), hash]);
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** JSON without spaces, the keys of every object sorted by UTF-16 code units (as in RFC 8785). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item as Json)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

export function contentOf(entry: AuditEntry): string {
  const { actor } = entry;
  return canonicalJson(
    storable({
      actor: { kind: actor.kind, id: actor.id, name: actor.name },
      action: entry.action,
      target: entry.target === null ? null : { kind: entry.target.kind, id: entry.target.id },
      detail: entry.detail,
      sourceIp: entry.sourceIp,
      atEpochMs: Math.round(entry.atEpochMs),
      outcome: entry.outcome,
    }),
  );
}

export function entryOf(content: string): AuditEntry {
  const value = JSON.parse(content) as AuditEntry & { actor: Actor };
  return Object.freeze(value);
}
