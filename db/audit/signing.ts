import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '#lib/errors.ts';
import { writeWhole } from '../whole-file.ts';
import { signedBytes } from './chain.ts';

/** Signs and checks heads of the chain. */
export interface HeadSigner {
  /** First 16 hex digits of the SHA-256 of the public key (SPKI): which key signed. */
  readonly keyId: string;
  sign(sequence: number, hash: Buffer): Buffer;
  verify(sequence: number, hash: Buffer, signature: Buffer): boolean;
}

/**
 * The Ed25519 key in `keysDir`, made at first start: `audit.key` (PKCS#8, mode 0600) and `audit.pub` (SPKI) beside it,
 * for whoever checks an export elsewhere.
 */
export function loadSigner(keysDir: string): HeadSigner {
  const privateKey = loadOrMake(keysDir);
  const publicKey = createPublicKey(privateKey);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    keyId: createHash('sha256').update(spki).digest('hex').slice(0, 16),
    sign: (sequence, hash) => sign(null, signedBytes(sequence, hash), privateKey),
    verify: (sequence, hash, signature) => verify(null, signedBytes(sequence, hash), publicKey, signature),
  };
}

function loadOrMake(keysDir: string): KeyObject {
  const path = join(keysDir, 'audit.key');
  try {
    return createPrivateKey(readFileSync(path));
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
  }
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeWhole(join(keysDir, 'audit.pub'), publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
  writeWhole(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return privateKey;
}
