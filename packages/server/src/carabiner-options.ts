import type { Logger } from "pino";
import type { RetryPolicyName } from "./deliveries/retry-policies.ts";
import type { Forwarding } from "./dev-endpoints.ts";
import type { Limits } from "./limits.ts";
import type { SecretKeys, StoreLocation } from "./secret-keys.ts";
import type { Activity } from "./service/activity.ts";

export interface CarabinerOptions {
  /**
   * `dev` (the default): a platform with well-known keys, a clock that can be advanced, endpoints on this machine.
   * `serve`: none of these; create platforms with `createPlatform`.
   */
  mode?: "dev" | "serve";
  /** The address to listen on; 127.0.0.1 by default. */
  host?: string;
  /** The port; by default any free one. */
  port?: number;
  /**
   * Where browsers find the server, if not at its own address: `https://connect.example.com`. Links to its pages begin
   * with it.
   */
  publicUrl?: string;
  /**
   * Speak TLS with a certificate and its key, both PEM files. They are read again when they change. By default the
   * server speaks plain HTTP; on a Unix socket it always does. Startup throws `UnusableCertificate` for files that
   * cannot be used.
   */
  tls?: { certFile: string; keyFile: string };
  /**
   * Proxies in front of the server, as CIDR or single addresses. The server trusts `X-Forwarded-For` from these alone.
   * By default no proxy is trusted.
   */
  trustedProxies?: readonly string[];
  /**
   * Where to keep everything: in memory (the default), in an SQLite file that only this process uses, or in the
   * PostgreSQL database of a URL (`postgres://user:password@host:port/database`), which any number of servers share.
   */
  store?: StoreLocation;
  /**
   * The keys that seal secrets in the store. By default a database file uses `secrets.key` beside it, which is created
   * with a new database. PostgreSQL needs explicit keys, the same on every server that shares the database. A server
   * that keeps everything in memory makes a new key.
   */
  secretKeys?: SecretKeys;
  /**
   * The path of a socket for the operator's commands, such as creating platforms and keys, or backing up. Only its
   * owner can use it. Only for a server that owns its SQLite file; by default there is no socket.
   */
  controlSocket?: string;
  /** This server's part of the work on a database that several share; all of it by default. */
  roles?: readonly NodeRole[];
  /** When failed deliveries are retried; by default as Stripe retries them. */
  retryPolicy?: RetryPolicyName;
  /** Limits that differ from the defaults. */
  limits?: Partial<Limits>;
  /** A logger, or the lowest level to log to standard error; silent by default. */
  log?: "silent" | "fatal" | "error" | "warn" | "info" | "debug" | Logger;
  /**
   * Called for each event that this server records and each attempt that it makes, after they are stored, in commit
   * order. It must not throw. Attempts that cannot be reported in time are counted instead
   * (`limits.activitiesWaiting`).
   */
  onActivity?: (activity: Activity) => void;
  /**
   * What `onActivity` is called for: everything (the default), or only attempts that failed and deliveries that were
   * cancelled. Nothing is read from the store for other attempts.
   */
  activities?: "all" | "failures";
  /** Serve metrics for Prometheus on a separate address, by default this machine's loopback. They require no key. */
  metrics?: { port: number; host?: string };
  /**
   * Name the span of each attempt to its receiver, in a `traceparent` header (https://www.w3.org/TR/trace-context/).
   * False by default: then webhooks do not have this header. Startup throws `MissingTracer` when the program has
   * registered no OpenTelemetry SDK.
   */
  traceparent?: boolean;
  /** In `serve` mode: allow endpoints on private addresses and this machine. `dev` always does. */
  allowLocalEndpoints?: boolean;
  /** How deliveries leave this machine, and which addresses are allowed besides public ones. */
  egress?: Egress;
  /**
   * Allow event types that are not in the catalogue, such as `order.shipped`. Otherwise a misspelt type is an error.
   */
  allowCustomEventTypes?: boolean;
  /**
   * In `dev`: the merchant category code for accounts without one, as every platform has on Stripe. Without it,
   * `business_profile.mcc` is a requirement of an account that takes payments. Other platforms get theirs when they are
   * created.
   */
  defaultMcc?: string;
  /**
   * In `dev`: the platform's default API version, `2026-10-28.endive`, for answers to requests without `Stripe-Version`
   * and events for endpoints without a version. By default the version of an earlier start with the same store, or else
   * the latest.
   */
  apiVersion?: string;
  /**
   * In `dev`: endpoints of the default platform that exist from the start, in test mode. A later start on the same
   * store finds them again. Startup throws `InvalidForwarding` for values that cannot be used.
   */
  forward?: Forwarding;
  /**
   * Which people have `person.*` events: those written through the Persons API (the default), or also those that the
   * account or the onboarding page added.
   */
  personEvents?: "persons_api" | "all";
  /** Whether the dashboard is served, at `/dashboard`. True by default. */
  dashboard?: boolean;
  /** The path of a Unix socket to listen on as well, which only this user may open. Not on Windows. */
  unixSocket?: string;
  /** Whether the official CLI can listen: `stripe listen` and `stripe logs tail`. True by default. */
  stripeListen?: boolean;
  /**
   * Whether what `stripe listen` forwards is also signed with the secrets of the webhook endpoints that receive the
   * event, in addition to the secret that `stripe listen` prints. Each of these secrets then verifies it. False by
   * default.
   */
  listenEndpointSecrets?: boolean;
}

/** How deliveries leave a server, and where they may go. `docs/egress.md` explains it. */
export interface Egress {
  /** Ranges of addresses, as CIDR, that are allowed although they are not public: `10.20.0.0/16`. */
  allowedRanges?: readonly string[];
  /** Ports that deliveries may not use, in addition to those that browsers refuse. */
  refusedPorts?: readonly number[];
  /** If set, deliveries go only to these ports, even if browsers refuse them. */
  allowedPorts?: readonly number[];
  /** The URL of a proxy that makes all connections with CONNECT: `http://user:password@proxy.internal:3128`. */
  proxy?: string;
  /** Name servers to ask, as `IP` or `IP:PORT`, instead of the machine's own. */
  nameServers?: readonly string[];
}

/** `api` answers requests; `send` sends deliveries; `work` does what falls due and deletes what is old. */
export type NodeRole = "api" | "send" | "work";

export const ROLES: readonly NodeRole[] = ["api", "send", "work"];
