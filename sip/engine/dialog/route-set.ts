import { firstUri } from '../message/fields.ts';
import { parseSipUri } from '../message/uri.ts';

export interface RoutedTarget {
  readonly requestUri: string;
  /** Route header values, in order. */
  readonly routes: readonly string[];
  /** The URI that says where the request goes. */
  readonly nextHop: string;
}

/** RFC 3261 section 12.2.1.1: loose routing when the first route says `lr`, else the strict routing of RFC 2543. */
export function routeRequest(routeSet: readonly string[], target: string): RoutedTarget {
  const first = firstUri(routeSet[0]);
  if (first === undefined) return { requestUri: target, routes: [], nextHop: target };
  if (parseSipUri(first)?.params['lr'] !== undefined) return { requestUri: target, routes: routeSet, nextHop: first };
  return { requestUri: first, routes: [...routeSet.slice(1), `<${target}>`], nextHop: first };
}
