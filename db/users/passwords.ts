import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * Argon2id (RFC 9106) as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`, base64 without padding. The
 * parameters are OWASP's first choice for servers; a stored string keeps its own, so that they can be raised later.
 */
const memoryKib = 19_456;
const passes = 2;
const parallelism = 1;
const tagBytes = 32;
const derive = promisify(argon2);

export const minPasswordChars = 12;
/** Longer ones only cost time. */
export const maxPasswordChars = 256;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await run(password, salt, { memoryKib, passes, parallelism, tagBytes });
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

/** False also for a string that is not of the form above. */
export async function checkPassword(password: string, phc: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (match === null || password.length > maxPasswordChars) return false;
  const [, memory, time, lanes, salt = '', tag = ''] = match;
  const expected = Buffer.from(tag, 'base64');
  const found = await run(password, Buffer.from(salt, 'base64'), {
    memoryKib: Number(memory),
    passes: Number(time),
    parallelism: Number(lanes),
    tagBytes: expected.length,
  });
  return found.length === expected.length && timingSafeEqual(found, expected);
}

interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly tagBytes: number;
}

async function run(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  return derive('argon2id', {
    // Typed on another keyboard, the same letters may come composed differently.
    message: password.normalize('NFC'),
    nonce: salt,
    memory: cost.memoryKib,
    passes: cost.passes,
    parallelism: cost.parallelism,
    tagLength: cost.tagBytes,
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
