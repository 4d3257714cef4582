import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { writeWhole } from '../whole-file.ts';

/** Voiceprints as the database has them: without the key file of this data directory they are noise. */
export interface VoiceCipher {
  seal(speakerId: string, vector: Float32Array): Buffer;
  /** Undefined: it was sealed with another key, for another speaker, or is damaged. */
  open(speakerId: string, sealed: Buffer): Float32Array | undefined;
}

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM under `keys/voices.key` (mode 0600), made when the first voice is enrolled; a nonce a row, and the speaker's
 * id authenticated with it. Sealed: nonce, tag, then float32 little-endian.
 */
export function createVoiceCipher(dataDir: string): VoiceCipher {
  const keysDir = join(dataDir, 'keys');
  return {
    seal: (speakerId, vector) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', readKey(keysDir) ?? makeKey(keysDir), nonce);
      cipher.setAAD(Buffer.from(speakerId));
      const plain = Buffer.alloc(vector.length * 4);
      vector.forEach((value, index) => plain.writeFloatLE(value, index * 4));
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },
    open: (speakerId, sealed) => {
      const key = readKey(keysDir);
      if (key === undefined || sealed.length < nonceBytes + tagBytes) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(speakerId));
      decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        const plain = Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
        return Float32Array.from({ length: plain.length / 4 }, (_, index) => plain.readFloatLE(index * 4));
      } catch {
        return undefined;
      }
    },
  };
}

function readKey(keysDir: string): Buffer | undefined {
  try {
    const key = readFileSync(join(keysDir, 'voices.key'));
    if (key.length === keyBytes) return key;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
  throw new SidetoneError('config-invalid', 'keys/voices.key in the data directory is not a key of this server');
}

function makeKey(keysDir: string): Buffer {
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  const key = randomBytes(keyBytes);
  writeWhole(join(keysDir, 'voices.key'), key);
  return key;
}
