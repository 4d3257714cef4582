import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  canonicalJson,
  chainHash,
  contentDigest,
  contentOf,
  entryOf,
  genesisHash,
  leafHash,
  signedBytes,
} from './chain.ts';

/**
 * The format, spelled out byte by byte: a log written by this version must verify with every later one. The same values
 * come out of `printf ... | sha256sum`.
 */
const hex = (bytes: Buffer): string => bytes.toString('hex');
const sha256 = (...parts: readonly (string | Buffer)[]): string =>
  hex(parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest());

test('hashes are over exactly these bytes', () => {
  const salt = Buffer.alloc(32, 7);
  const digest = contentDigest(salt, '{"a":"é"}');
  expect(hex(digest)).toBe(sha256('\x07'.repeat(32), '{"a":"é"}'));
  const leaf = leafHash(258, digest);
  expect(hex(leaf)).toBe(sha256('\0', 'sidetone-audit-v1', '\0\0\0\0\0\0\x01\x02', digest));
  expect(hex(chainHash(genesisHash, 258, digest))).toBe(sha256('\x02', '\0'.repeat(32), leaf));
  expect(hex(signedBytes(1, genesisHash))).toBe(
    `${hex(Buffer.from('sidetone-audit-head-v1'))}0000000000000001${'00'.repeat(32)}`,
  );
});

test('content is canonical: what order members came in, and what Postgres cannot hold, changes nothing later', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x"\n' }], a: 1.5e21, é: true })).toBe(
    '{"a":1.5e+21,"b":[1,{"c":"x\\"\\n","d":null}],"é":true}',
  );
  const entry = {
    actor: { kind: 'cli', id: 'cli', name: 'a\0b' },
    action: 'looked',
    target: null,
    detail: { z: '\uD800', a: 1 },
    sourceIp: null,
    atEpochMs: 12.4,
    outcome: 'refused',
  } as const;
  const content = contentOf(entry);
  expect(content).toBe(
    '{"action":"looked","actor":{"id":"cli","kind":"cli","name":"a\uFFFDb"},"atEpochMs":12,' +
      '"detail":{"a":1,"z":"\uFFFD"},"outcome":"refused","sourceIp":null,"target":null}',
  );
  expect(contentOf(entryOf(content))).toBe(content);
});
