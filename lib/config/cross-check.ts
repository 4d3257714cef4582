import { z } from 'zod';
import { isLoopback } from '../addresses.ts';

/** As much of the configuration as the checks read, each part taken for what it is even where others are wrong. */
const reading = z.object({
  http: z
    .object({ host: z.string().catch('127.0.0.1'), tls: z.unknown(), tlsProxy: z.unknown() })
    .partial()
    .catch({}),
  sip: z
    .object({
      host: z.string().catch('127.0.0.1'),
      allow: z.array(z.unknown()).catch([]),
      digest: z.object({ users: z.array(z.object({ name: z.string().catch('') })).catch([]) }).catch({ users: [] }),
    })
    .partial()
    .catch({}),
  audiosocket: z
    .object({ host: z.string().catch('127.0.0.1'), port: z.unknown(), allow: z.array(z.unknown()).catch([]) })
    .partial()
    .catch({}),
  trunks: z
    .array(
      z
        .object({ digestUser: z.string().optional().catch(undefined), match: z.array(z.unknown()).catch([]) })
        .partial()
        .catch({}),
    )
    .catch([]),
});

/**
 * Mistakes that lie between keys: a server that can be reached from outside must know its callers and its readers.
 * Takes the raw tree, so that these are reported together with every other mistake.
 */
export function crossCheck(tree: unknown): readonly string[] {
  const { http, sip, audiosocket, trunks } = reading.parse({
    http: {},
    sip: {},
    audiosocket: {},
    trunks: [],
    ...(tree as object),
  });
  const mistakes: string[] = [];
  const users = sip.digest?.users ?? [];
  const callersKnown = (sip.allow?.length ?? 0) > 0 || users.length > 0 || trunks.length > 0;
  if (sip.host !== undefined && !isLoopback(sip.host) && !callersKnown) {
    mistakes.push('sip.host: is reachable from outside: say who may call with sip.allow, sip.digest.users or trunks');
  }
  if (http.host !== undefined && !isLoopback(http.host) && http.tls === undefined && http.tlsProxy !== true) {
    mistakes.push(
      'http.host: is reachable from outside: set http.tls (certFile, keyFile), or http.tlsProxy where a proxy does TLS',
    );
  }
  const addressesKnown =
    (sip.allow?.length ?? 0) > 0 ||
    (audiosocket.allow?.length ?? 0) > 0 ||
    trunks.some(({ match }) => (match?.length ?? 0) > 0);
  const listens = audiosocket.port !== undefined && audiosocket.host !== undefined;
  if (listens && !isLoopback(audiosocket.host ?? '') && !addressesKnown) {
    mistakes.push(
      'audiosocket.host: is reachable from outside: say who may connect with audiosocket.allow, sip.allow or the match of a trunk',
    );
  }
  trunks.forEach(({ digestUser }, index) => {
    if (digestUser !== undefined && !users.some((user) => user.name === digestUser)) {
      mistakes.push(`trunks.${index}.digestUser: is not in sip.digest.users`);
    }
  });
  return mistakes;
}
