import type { Egress } from "./carabiner-options.ts";
import { type DestinationRules, PORTS_NOT_FOR_HTTP } from "./destinations.ts";
import { checkEgress } from "./transport/check-egress.ts";
import type { EgressOptions } from "./transport/transport.ts";

/** The egress options with their defaults. Throws `InvalidEgress` for an option that cannot be used. */
export function readEgress({ refusedPorts = [], allowedPorts = [], ...rest }: Egress, allowLocal: boolean): EgressOptions {
  const notForHttp = allowLocal || allowedPorts.length > 0 ? [] : PORTS_NOT_FOR_HTTP;
  const egress = { ...rest, allowLocal, allowedPorts, refusedPorts: [...notForHttp, ...refusedPorts] };
  checkEgress(egress);
  return egress;
}

/**
 * The part of the egress options that decides where endpoints may be. It omits the proxy, whose URL may hold a
 * password.
 */
export function destinationsOf({ proxy: _, ...destinations }: EgressOptions): DestinationRules {
  return destinations;
}
