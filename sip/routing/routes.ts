import type { Config, RouteConfig } from '#lib/config/schema.ts';
import type { RecordPolicy } from '../types.ts';
import { parseUri } from './uri.ts';

export interface Route {
  /** SIP URIs in the order in which they are tried. */
  readonly targets: readonly string[];
  /** Undefined: the configuration's default. */
  readonly record: RecordPolicy | undefined;
  /** BCP 47: what is spoken on its calls. */
  readonly language: string | undefined;
  readonly phrases: readonly string[];
}

/** Compiles the routes once; the result finds the first that matches the dialled user part, or undefined. */
export function createRouter(routes: readonly RouteConfig[]): (dialledUser: string) => Route | undefined {
  const compiled = routes.map((route) => ({
    pattern: route.match === undefined ? undefined : new RegExp(route.match),
    targets: typeof route.to === 'string' ? [route.to] : route.to,
    record: route.record,
    language: route.language,
    phrases: route.phrases,
  }));
  return (dialledUser) => {
    for (const { pattern, targets, ...rest } of compiled) {
      const match = pattern === undefined ? [dialledUser] : pattern.exec(dialledUser);
      if (match !== null) {
        const groups = [dialledUser, ...match.slice(1)];
        return { targets: targets.map((target) => substitute(target, groups)), ...rest };
      }
    }
    return undefined;
  };
}

/** `$1` to `$9` are the groups of the match, `$0` the whole dialled user; characters that a URI's user cannot hold are escaped. */
function substitute(target: string, match: readonly (string | undefined)[]): string {
  return target.replaceAll(/\$(\d)/g, (_, index: string) =>
    (match[Number(index)] ?? '').replaceAll(/[^A-Za-z0-9\-_.!~*'()&=+$,%]/gu, (character) =>
      encodeURIComponent(character),
    ),
  );
}

/** Hosts that a redirect may be followed to: those named by routes and trunks. */
export function configuredHosts(config: Config): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const route of config.routes) {
    for (const target of typeof route.to === 'string' ? [route.to] : route.to) {
      const host = parseUri(target.replaceAll(/\$\d/g, '0'))?.host;
      if (host !== undefined) hosts.add(host);
    }
  }
  for (const trunk of config.trunks) if (trunk.host !== undefined) hosts.add(trunk.host.toLowerCase());
  return hosts;
}
