import { bindTrouble } from './bind-trouble.ts';

/** Stable error codes. Each is documented in docs/errors.md; a test holds the two together. */
export const errorCodes = [
  'config-invalid',
  'data-dir-locked',
  'ports-exhausted',
  'media-worker-lost',
  'rpc-timeout',
  'rpc-closed',
  'server-draining',
  'at-capacity',
  'rtpengine-unavailable',
  'rtpengine-refused',
  'sip-unreachable',
  'sip-rejected',
  'sip-too-large',
  'database-unavailable',
  'migration-failed',
  'audit-broken',
  'audit-write-failed',
  'disk-full',
  'asr-process-lost',
  'model-missing',
  'model-broken',
  'engine-missing',
  'endpoint-failed',
  'download-failed',
  'archive-refused',
  'rules-invalid',
  'not-found',
  'bad-request',
  'forbidden',
  'unauthenticated',
  'unsupported-audio',
  'conflict',
  'too-little-speech',
  'rate-limited',
  'payload-too-large',
  'method-not-allowed',
  'range-not-satisfiable',
  'not-ready',
  'internal-error',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** Every error that Sidetone raises on purpose. Match on `code`, never on `message`. Messages never quote call content. */
export class SidetoneError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SidetoneError';
    this.code = code;
  }
}

export function hasCode(error: unknown, code: ErrorCode): error is SidetoneError {
  return error instanceof SidetoneError && error.code === code;
}

/** Node's own `error.code` (`EADDRINUSE`, `ENOSPC` ...), or undefined where there is none. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * What to tell the person who started a program: the message where it says all (raised on purpose, or by the operating
 * system about a port or a file, or about an option), else the stack. Of a port also what to do.
 */
export function explain(error: unknown): string {
  const thrown = toError(error);
  const plain =
    thrown instanceof SidetoneError || 'syscall' in thrown || systemCode(thrown)?.startsWith('ERR_PARSE_ARGS') === true;
  if (!plain) return String(thrown.stack);
  const code = systemCode(thrown);
  const isBinding = 'syscall' in thrown && (thrown.syscall === 'bind' || thrown.syscall === 'listen');
  if (!isBinding || code === undefined) return thrown.message;
  return `${thrown.message}: ${bindTrouble(code)} (\`npx sidetone doctor\` names the setting)`;
}

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** For the end of an exhaustive switch or chain of ifs over a union. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
