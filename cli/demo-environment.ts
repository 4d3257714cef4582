import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the house of whoever runs the demonstration stands: nothing of it is to be touched. */
const ofTheHouse = ['SIDETONE_DATA_DIR', 'DATABASE_URL', 'SIDETONE_DRACHTIO', 'SIDETONE_PUBLIC_URL'];
/** Seen from where the command was given, while the demonstration's configuration is read elsewhere. */
const paths = ['SIDETONE_ASR_MODEL', 'SIDETONE_RULES_FILE'];

/**
 * The environment of the demonstration's own server: what was asked for counts (`SIDETONE_HTTP_PORT` ...), but for the
 * house itself; what was not gets values that disturb no server which runs already.
 */
export function demoEnvironment(
  given: Environment,
  own: { readonly dataDir: string; readonly freeHttpPort: number },
): Environment {
  const environment: Record<string, string | undefined> = {
    SIDETONE_SIP_PORT: '0',
    SIDETONE_HTTP_PORT: String(own.freeHttpPort),
    SIDETONE_RTP_PORTS: '30000-30199',
    SIDETONE_LOG_LEVEL: 'error',
  };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === '' || ofTheHouse.includes(name)) continue;
    environment[name] = paths.includes(name) && existsSync(value) ? resolve(value) : value;
  }
  environment['SIDETONE_DATA_DIR'] = own.dataDir;
  return environment;
}
