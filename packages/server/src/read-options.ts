import { randomBytes } from "node:crypto";
import { createIdSource, type IdSource } from "@carabiner/protocol";
import type { Logger } from "pino";
import { type ClientAddresses, createClientAddresses } from "./api/client-address.ts";
import { createRateLimits, type RateLimits } from "./api/rate-limits.ts";
import { type CarabinerOptions, type NodeRole, ROLES } from "./carabiner-options.ts";
import { DEFAULT_RETRY_POLICY, isRetryPolicyName, RETRY_POLICIES, type RetryPolicyName } from "./deliveries/retry-policies.ts";
import { type WatchedCertificate, watchCertificate } from "./http/certificate.ts";
import { DEFAULT_LIMITS, type LimitName, type Limits, leastOf } from "./limits.ts";
import type { Settings } from "./operations/operation.ts";
import { destinationsOf, readEgress } from "./read-egress.ts";
import { refuseUnknownOptions } from "./refuse-unknown-options.ts";
import { checkPlatform } from "./resources/platforms/check-platform.ts";
import type { StoreLocation } from "./secret-keys.ts";
import { createServerLog } from "./server-log.ts";
import type { EgressOptions } from "./transport/transport.ts";

/** The options, checked and with defaults filled in. */
export interface CheckedOptions {
  dev: boolean;
  host: string;
  port: number;
  location: StoreLocation;
  roles: ReadonlySet<NodeRole>;
  retryPolicy: RetryPolicyName;
  egress: EgressOptions;
  limits: Limits;
  log: Logger;
  clients: ClientAddresses;
  rates: RateLimits;
  ids: IdSource;
  settings: Settings;
  /** Whether the official CLI can listen, and whether what it forwards is signed with the endpoints' secrets too. */
  listen: { enabled: boolean; endpointSecrets: boolean };
  /** The certificate to speak TLS with; null for plain HTTP. */
  certificate: WatchedCertificate | null;
  /** Whether this server serves the dashboard. */
  dashboard: boolean;
  /** Sets where browsers find the server, once it listens. A URL in the options takes precedence. */
  foundAt(url: string): void;
}

/** Checks the options. `now` returns the machine's time in milliseconds. Throws if one cannot be used. */
export function readOptions(options: CarabinerOptions, now: () => number): CheckedOptions {
  refuseUnknownOptions(options);
  const mode: string = options.mode ?? "dev";
  if (mode !== "dev" && mode !== "serve") throw new TypeError(`mode: "${mode}" is not a mode. Choose dev or serve.`);
  const dev = mode === "dev";
  // A developer's failing receiver always gets its attempts on schedule: there are no other tenants to protect from it.
  const limits: Limits = { ...DEFAULT_LIMITS, ...(dev ? { breakerFailures: 0 } : {}), ...checkedLimits(options.limits ?? {}) };
  const roles = new Set(options.roles ?? ROLES);
  for (const role of roles)
    if (!ROLES.includes(role)) throw new TypeError(`roles: "${String(role)}" is not a role. Choose from ${ROLES.join(", ")}.`);
  if (roles.size === 0) throw new TypeError(`roles: choose at least one of ${ROLES.join(", ")}.`);
  if (dev && roles.size < ROLES.length)
    throw new Error("roles: a dev server needs all roles, because its clock drives its own deliveries.");
  if (!dev && options.forward !== undefined) throw new TypeError("forward: only a dev server has endpoints from its start on.");
  const retryPolicy = options.retryPolicy ?? DEFAULT_RETRY_POLICY;
  if (!isRetryPolicyName(retryPolicy))
    throw new TypeError(`retryPolicy: "${retryPolicy}" is not a retry policy. Choose one of ${Object.keys(RETRY_POLICIES).join(", ")}.`);
  checkPlatform({ defaultMcc: options.defaultMcc, apiVersion: options.apiVersion });
  const egress = readEgress(options.egress ?? {}, dev || options.allowLocalEndpoints === true);
  const chosenUrl = options.publicUrl === undefined ? null : readPublicUrl(options.publicUrl);
  const log = createServerLog(options.log ?? "silent", limits);
  let publicUrl = "";
  return {
    dev,
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    location: options.store ?? "memory",
    roles,
    retryPolicy,
    egress,
    limits,
    log,
    certificate: options.tls === undefined ? null : watchCertificate(options.tls, { now, log, checkedMs: limits.certificateCheckedMs }),
    clients: createClientAddresses(options.trustedProxies ?? []),
    rates: createRateLimits(limits),
    ids: createIdSource(randomBytes),
    settings: {
      destinations: destinationsOf(egress),
      allowCustomEventTypes: options.allowCustomEventTypes === true,
      publicUrl: () => publicUrl,
      pickAccounts: dev,
      platformsSeeServer: dev,
      liveTestHelpers: dev,
      personEvents: options.personEvents ?? "persons_api",
    },
    dashboard: options.dashboard !== false && roles.has("api"),
    listen: { enabled: options.stripeListen !== false, endpointSecrets: options.listenEndpointSecrets === true },
    foundAt(url) {
      publicUrl = chosenUrl ?? url;
    },
  };
}

/**
 * The limits that were given. Throws a TypeError for an unknown limit, or for a value that the limit does not allow.
 */
function checkedLimits(given: Partial<Limits>): Partial<Limits> {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new TypeError(`limits.${name}: there is no such limit.`);
    const least = leastOf(name as LimitName);
    if (typeof value !== "number" || Number.isNaN(value) || value < least)
      throw new TypeError(`limits.${name}: ${String(value)} is not a number of at least ${least}.`);
  }
  return given;
}

/**
 * The public URL without a trailing slash, as a prefix for others. Throws a TypeError when the text is not a usable
 * URL.
 */
function readPublicUrl(text: string): string {
  const url = URL.parse(text);
  const plain = url !== null && ["http:", "https:"].includes(url.protocol) && url.username + url.password + url.search + url.hash === "";
  if (!plain) throw new TypeError(`publicUrl: "${text}" is not an address such as https://connect.example.com.`);
  return url.href.replace(/(?<!\/)\/+$/, "");
}
