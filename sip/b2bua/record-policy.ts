import type { Config } from '#lib/config/schema.ts';
import { recordPolicies, type RecordPolicy } from '../types.ts';
import type { SipHeaders } from './messages.ts';

/** The header named in the configuration says it for the call, else the route, else the configuration. */
export function recordPolicyOf(config: Config, headers: SipHeaders, ofRoute?: RecordPolicy): RecordPolicy {
  const header = config.sip.recordHeader;
  const said = header === undefined ? undefined : headers.get(header.toLowerCase())?.toLowerCase();
  return recordPolicies.find((policy) => policy === said) ?? ofRoute ?? config.record;
}
