import { addressMatcher, isLoopback } from '#lib/addresses.ts';
import type { Config, TrunkConfig } from '#lib/config/schema.ts';
import type { Clock } from '#lib/clock.ts';
import { isOfThisMachine } from '#lib/this-machine.ts';
import { DigestGate } from './digest-gate.ts';
import { createTrunkFinder } from './trunks.ts';

export type Admission =
  | {
      readonly kind: 'admitted';
      readonly trunk: TrunkConfig | undefined;
      /** Whether P-Asserted-Identity and Remote-Party-ID of this source are believed (RFC 3325 section 5). */
      readonly trusted: boolean;
    }
  /** `wrong`: credentials were given, and they were not right. */
  | { readonly kind: 'challenge'; readonly wrong: boolean; readonly challenges: readonly string[] }
  | { readonly kind: 'refused' };

export interface AdmissionRequest {
  readonly sourceAddress: string;
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  readonly authorization: string | undefined;
}

/**
 * Who may start something. In this order: a trunk's own addresses, `sip.allow`, then digest; with digest users any
 * other source is challenged, else refused. A server on loopback that names nobody admits this machine (not whatever
 * reaches it: a kernel that routes 127.0.0.0/8 lets neighbours in). A source that the administrator allowed by address
 * is believed unless its trunk says otherwise; a digest user only through a trusted trunk.
 */
export function createAdmission(config: Config, clock: Clock): (request: AdmissionRequest) => Admission {
  const trunkOf = createTrunkFinder(config);
  const allowed = addressMatcher(config.sip.allow);
  const gate = new DigestGate(config.sip.digest.realm, config.sip.digest.users, clock, config.sip.digest.algorithms);
  const namesNobody =
    config.sip.allow.length === 0 &&
    !gate.hasUsers &&
    config.trunks.every((trunk) => trunk.match.length === 0 && trunk.digestUser === undefined);
  const open = namesNobody && isLoopback(config.sip.host);

  return (request) => {
    const own = trunkOf(request.sourceAddress);
    if (own !== undefined) return { kind: 'admitted', trunk: own, trusted: own.trusted };
    if (allowed(request.sourceAddress) || (open && isOfThisMachine(request.sourceAddress))) {
      return { kind: 'admitted', trunk: undefined, trusted: true };
    }
    if (!gate.hasUsers) return { kind: 'refused' };
    const verdict = gate.check(request);
    if (verdict.kind === 'challenge') {
      const wrong = request.authorization !== undefined && !verdict.stale;
      return { kind: 'challenge', wrong, challenges: gate.challenges(verdict.stale) };
    }
    const trunk = config.trunks.find((each) => each.digestUser === verdict.user);
    return { kind: 'admitted', trunk, trusted: trunk?.trusted ?? false };
  };
}
