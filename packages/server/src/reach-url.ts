import type { Egress } from "./carabiner-options.ts";
import { checkUrl, createAddressGuard, hostOf, portOf } from "./destinations.ts";
import type { Limits } from "./limits.ts";
import { readEgress } from "./read-egress.ts";
import { readProxy } from "./transport/egress-proxy.ts";
import { faultOfError } from "./transport/fault-of-error.ts";
import { createGuardedConnector } from "./transport/guarded-connector.ts";
import { createNameService } from "./transport/names/name-service.ts";

/**
 * Connects to an endpoint's URL as a delivery would, with the same rules, name lookups and proxy, and sends nothing.
 * Returns why a delivery would not arrive; null when it would. `monotonic` returns milliseconds of a clock that never
 * goes back. Throws `InvalidEgress` for an option that cannot be used.
 */
export async function reachUrl(
  text: string,
  { egress = {}, allowLocalEndpoints = false }: { egress?: Egress; allowLocalEndpoints?: boolean },
  limits: Limits,
  monotonic: () => number,
): Promise<string | null> {
  const rules = readEgress(egress, allowLocalEndpoints);
  const { url, problem } = checkUrl(text, rules);
  if (problem === "not_allowed") return "Its address, its name or its port is not allowed.";
  if (url === null) return "It is not the URL of an endpoint.";
  const names = createNameService({ limits, nameServers: rules.nameServers ?? [], now: monotonic });
  const connect = createGuardedConnector({
    guard: createAddressGuard(rules),
    limits,
    timeoutMs: limits.attemptConnectMs,
    headBytes: limits.responseHeaderBytes,
    resolve: names.resolve,
    proxy: rules.proxy === undefined ? null : readProxy(rules.proxy),
  });
  const destination = { origin: url.origin, secure: url.protocol === "https:", hostname: hostOf(url), port: portOf(url) };
  try {
    return await new Promise((resolve) => {
      connect(destination, { dnsMs: null, connectMs: null, tlsMs: null }, (error, socket) => {
        socket?.destroy();
        resolve(error === null ? null : faultOfError(error).reason);
      });
    });
  } finally {
    names.close();
  }
}
