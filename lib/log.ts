import { pino, type Logger as PinoLogger } from 'pino';

/**
 * The one way to log. Messages are constants; what varies goes in fields. No transcript text, digits, audio or SIP
 * bodies are ever passed here, at any level (redaction.md).
 */
export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error'> & {
  child(bindings: Readonly<Record<string, unknown>>): Logger;
};
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on stderr unless told otherwise: stdout belongs to what a command prints. */
export function createLogger(
  level: LogLevel,
  name = 'sidetone',
  sink: { write(line: string): void } = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino({ name, level, base: { name }, serializers: { err: pino.stdSerializers.err } }, sink);
}

export const silentLogger: Logger = createLogger('silent');
