import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits as base64url: guessing is hopeless, so that a plain hash is enough to keep. */
export function newSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url');
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
