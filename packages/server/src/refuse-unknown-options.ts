import type { CarabinerOptions, Egress } from "./carabiner-options.ts";
import type { Forwarding } from "./dev-endpoints.ts";

/** The names of all options, and of those inside one. The compiler reports a missing name. */
type Names<Options> = Readonly<Record<keyof Required<Options>, true>>;

const OPTIONS: Names<CarabinerOptions> = {
  mode: true,
  host: true,
  port: true,
  publicUrl: true,
  tls: true,
  trustedProxies: true,
  store: true,
  secretKeys: true,
  controlSocket: true,
  roles: true,
  retryPolicy: true,
  limits: true,
  log: true,
  onActivity: true,
  activities: true,
  metrics: true,
  traceparent: true,
  allowLocalEndpoints: true,
  egress: true,
  allowCustomEventTypes: true,
  defaultMcc: true,
  apiVersion: true,
  forward: true,
  personEvents: true,
  dashboard: true,
  unixSocket: true,
  stripeListen: true,
  listenEndpointSecrets: true,
};
const EGRESS: Names<Egress> = { allowedRanges: true, refusedPorts: true, allowedPorts: true, proxy: true, nameServers: true };
const FORWARD: Names<Forwarding> = { to: true, connectTo: true, secret: true };
const TLS: Names<CarabinerOptions["tls"] & object> = { certFile: true, keyFile: true };
const METRICS: Names<CarabinerOptions["metrics"] & object> = { port: true, host: true };

/**
 * Refuses unknown options, because a program without types would otherwise believe that they are set. Throws a
 * TypeError that names the option and the known ones.
 */
export function refuseUnknownOptions(options: CarabinerOptions): void {
  refuseOthers("", options, OPTIONS);
  refuseOthers("egress.", options.egress, EGRESS);
  refuseOthers("forward.", options.forward, FORWARD);
  refuseOthers("tls.", options.tls, TLS);
  refuseOthers("metrics.", options.metrics, METRICS);
}

function refuseOthers(prefix: string, given: object | undefined, known: Readonly<Record<string, true>>): void {
  for (const name of Object.keys(given ?? {}))
    if (!Object.hasOwn(known, name))
      throw new TypeError(`${prefix}${name}: there is no such option. There are ${Object.keys(known).join(", ")}.`);
}
