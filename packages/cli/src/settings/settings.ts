import type { RetryPolicyName } from "@carabiner/server";
import { InvalidArgumentError } from "commander";
import { parseMcc } from "../options/mcc-option.ts";
import { secretIn } from "../options/secret-from.ts";
import { DEFAULT_PORT } from "../options/server-options.ts";
import { parseLimit } from "./limit-values.ts";
import { parsePlace } from "./parse-place.ts";
import { parsePort, parseRemotePort } from "./parse-port.ts";
import { parseRange } from "./parse-range.ts";
import { rateParser } from "./parse-rate.ts";
import { parseSwitch } from "./parse-switch.ts";
import type { ServerCommand, Setting } from "./setting.ts";

/**
 * The names of retry policies, the default first. A test compares them with the server's, because importing it for an
 * option is slow.
 */
export const RETRY_POLICIES: readonly RetryPolicyName[] = ["stripe", "quick", "none"];

/** The level from which a server logs. */
export type LogLevel = "silent" | "fatal" | "error" | "warn" | "info" | "debug";

const LOG_LEVELS: readonly LogLevel[] = ["silent", "fatal", "error", "warn", "info", "debug"];

/** The parts of the work that servers of one database share. A test compares them with the server's. */
export const ROLES: readonly string[] = ["api", "send", "work"];

const BOTH = ["dev", "serve"] as const;
const SERVE = ["serve"] as const;
const DEV = ["dev"] as const;

/** Where an SQLite store is. Commands on a store also have this setting. */
export const DATA: Setting = {
  option: "store.file",
  commands: SERVE,
  flags: "--data <dir>",
  variable: "CARABINER_DATA",
  does: "keep everything in one SQLite file in this directory",
};

/** Where a PostgreSQL store is. Commands on a store also have this setting. */
export const DATABASE: Setting = {
  option: "store.url",
  commands: SERVE,
  flags: "--database <url>",
  variable: "CARABINER_DATABASE_URL",
  does: "keep everything in this PostgreSQL database, postgres://user@host:port/name, which several servers may share; its password belongs in ~/.pgpass or in the environment",
  secret: "password",
};

/** The file with the keys that seal secrets. Commands on a store also have this setting. */
export const KEY_FILE: Setting = {
  option: "secretKeys.file",
  commands: BOTH,
  flags: "--key-file <file>",
  variable: "CARABINER_KEY_FILE",
  does: "the keys that secrets are sealed with, instead of secrets.key beside the SQLite file",
};

/**
 * Every setting of a server. Flags, variables, `config print` and docs/configuration.md are generated from these rows.
 * A test compares it with the options of `startCarabiner`.
 */
export const SETTINGS: readonly Setting[] = [
  DATA,
  DATABASE,
  KEY_FILE,
  {
    option: "secretKeys.keys",
    commands: BOTH,
    flags: null,
    variable: "CARABINER_KEY",
    does: "the keys themselves: 32 bytes in base64 or in hexadecimal, several separated by commas. The first seals, all open",
    secret: "value",
  },
  {
    option: "port",
    commands: BOTH,
    flags: "--port <port>",
    variable: "CARABINER_PORT",
    does: "listen on this port; 0 for any that is free",
    default: DEFAULT_PORT,
    parse: parsePort,
  },
  {
    option: "host",
    commands: BOTH,
    flags: "--host <address>",
    variable: "CARABINER_HOST",
    does: "listen on this address",
    default: "127.0.0.1",
  },
  {
    option: "publicUrl",
    commands: BOTH,
    flags: "--public-url <url>",
    variable: "CARABINER_PUBLIC_URL",
    does: "where browsers find it, when that is not its own address: its pages' links begin so",
    parse: parsePublicUrl,
  },
  {
    option: "unixSocket",
    commands: SERVE,
    flags: "--unix-socket <path>",
    variable: "CARABINER_UNIX_SOCKET",
    does: "listen on this Unix socket as well, which only its owner can use",
  },
  {
    option: "tls.certFile",
    commands: SERVE,
    flags: "--tls-cert <file>",
    variable: "CARABINER_TLS_CERT",
    does: "speak TLS with this certificate, a PEM file with those of its authorities; it is read again when it changes",
  },
  {
    option: "tls.keyFile",
    commands: SERVE,
    flags: "--tls-key <file>",
    variable: "CARABINER_TLS_KEY",
    does: "the certificate's private key, a PEM file without a passphrase",
  },
  {
    option: "trustedProxies",
    commands: SERVE,
    flags: "--trusted-proxies <ranges>",
    variable: "CARABINER_TRUSTED_PROXIES",
    does: "believe what these proxies say in X-Forwarded-For: addresses or CIDR, 10.0.0.0/8,192.0.2.7",
    parse: (text) => text.split(",").map((range) => parseRange(range.trim())),
  },
  {
    option: "limits",
    commands: SERVE,
    flags: "--rate-per-key <rate>",
    variable: "CARABINER_RATE_PER_KEY",
    does: "answer this many requests a second with one key, and at once after a colon: 25 or 25:100",
    parse: rateParser("requestsPerSecondPerKey", "requestBurstPerKey"),
  },
  {
    option: "limits",
    commands: SERVE,
    flags: "--rate-per-address <rate>",
    variable: "CARABINER_RATE_PER_ADDRESS",
    does: "answer this many requests a second from one address, and at once after a colon: 50 or 50:200",
    parse: rateParser("requestsPerSecondPerAddress", "requestBurstPerAddress"),
  },
  {
    option: "limits",
    commands: BOTH,
    flags: "--limit <name=value>",
    // Each limit has its own variable: see `limitVariable`.
    variable: null,
    does: "set a limit of docs/configuration.md, such as eventsKeptMs=90d; may be given again",
    list: true,
    parse: parseLimit,
  },
  {
    option: "egress.allowedRanges",
    commands: SERVE,
    flags: "--allow-network <range>",
    variable: "CARABINER_ALLOW_NETWORK",
    does: "allow endpoints in this range of private addresses, such as 10.20.0.0/16; may be given again",
    list: true,
  },
  {
    option: "egress.refusedPorts",
    commands: SERVE,
    flags: "--refuse-port <port>",
    variable: "CARABINER_REFUSE_PORT",
    does: "send nothing to this port; may be given again",
    list: true,
    parse: parseRemotePort,
  },
  {
    option: "egress.allowedPorts",
    commands: SERVE,
    flags: "--allow-port <port>",
    variable: "CARABINER_ALLOW_PORT",
    does: "send to this port and to no others; may be given again",
    list: true,
    parse: parseRemotePort,
  },
  {
    option: "egress.nameServers",
    commands: SERVE,
    flags: "--name-server <address>",
    variable: "CARABINER_NAME_SERVER",
    does: "ask this name server, IP or IP:PORT, instead of the machine's; may be given again",
    list: true,
  },
  {
    option: "egress.proxy",
    commands: SERVE,
    flags: "--egress-proxy <url>",
    variable: "CARABINER_EGRESS_PROXY",
    does: "send through this proxy, http://HOST:PORT; a password belongs in the environment",
    secret: "password",
  },
  {
    option: "allowLocalEndpoints",
    commands: SERVE,
    flags: "--allow-local-endpoints",
    variable: "CARABINER_ALLOW_LOCAL_ENDPOINTS",
    does: "allow endpoints on all private addresses and on this machine, as dev does",
    default: false,
    parse: parseSwitch,
  },
  {
    option: "dashboard",
    commands: BOTH,
    flags: "--no-dashboard",
    variable: "CARABINER_DASHBOARD",
    does: "do not serve the dashboard",
    default: true,
    parse: parseSwitch,
  },
  {
    option: "allowCustomEventTypes",
    commands: BOTH,
    flags: "--custom-events",
    variable: "CARABINER_CUSTOM_EVENTS",
    does: "allow event types of your own, such as order.shipped",
    default: false,
    parse: parseSwitch,
  },
  {
    option: "personEvents",
    commands: BOTH,
    flags: "--person-events <which>",
    variable: "CARABINER_PERSON_EVENTS",
    does: "record person.* events of people written through the Persons API alone, or of all",
    default: "persons_api",
    choices: ["persons_api", "all"],
  },
  {
    option: "retryPolicy",
    commands: BOTH,
    flags: "--retry-policy <name>",
    variable: "CARABINER_RETRY_POLICY",
    does: "how failed deliveries are retried",
    default: "stripe",
    choices: RETRY_POLICIES,
  },
  {
    option: "roles",
    commands: SERVE,
    flags: "--roles <roles>",
    variable: "CARABINER_ROLES",
    does: "what it does of the work of a database that several servers share: api, send, work, or several of them",
    default: ROLES,
    shownDefault: ROLES.join(","),
    parse: parseRoles,
  },
  {
    option: "metrics.port",
    commands: SERVE,
    flags: "--metrics-port <port>",
    variable: "CARABINER_METRICS_PORT",
    does: "serve GET /metrics for Prometheus on this port; 0 for any that is free",
    parse: parsePort,
  },
  {
    option: "metrics.host",
    commands: SERVE,
    flags: "--metrics-host <address>",
    variable: "CARABINER_METRICS_HOST",
    does: "serve the metrics on this address; they ask for no key",
    default: "127.0.0.1",
  },
  {
    option: "traceparent",
    commands: BOTH,
    flags: "--traceparent",
    variable: "CARABINER_TRACEPARENT",
    does: "send webhooks with a traceparent header that names the span of the attempt; needs an OpenTelemetry SDK",
    default: false,
    parse: parseSwitch,
  },
  {
    option: "stripeListen",
    commands: BOTH,
    flags: "--no-stripe-listen",
    variable: "CARABINER_STRIPE_LISTEN",
    does: "refuse `stripe listen` and `stripe logs tail`",
    default: true,
    parse: parseSwitch,
  },
  {
    option: "listenEndpointSecrets",
    commands: BOTH,
    flags: "--listen-endpoint-secrets",
    variable: "CARABINER_LISTEN_ENDPOINT_SECRETS",
    does: "sign what `stripe listen` forwards with the secrets of the registered endpoints too",
    default: false,
    parse: parseSwitch,
  },
  {
    option: "log",
    commands: BOTH,
    flags: "--log-level <level>",
    variable: "CARABINER_LOG_LEVEL",
    does: "log to stderr from this level on",
    default: "info",
    choices: LOG_LEVELS,
  },
  {
    option: "defaultMcc",
    commands: DEV,
    flags: "--default-mcc <code>",
    variable: "CARABINER_DEFAULT_MCC",
    does: "the merchant category code of accounts that name none; otherwise they are asked for one",
    parse: parseMcc,
  },
  {
    option: "apiVersion",
    commands: DEV,
    flags: "--api-version <version>",
    variable: "CARABINER_API_VERSION",
    does: "the platform's default API version, such as 2026-10-28.endive: that of answers and events where nothing names another; otherwise the latest",
  },
  {
    option: "forward.to",
    commands: DEV,
    flags: "--forward-to <url>",
    variable: "CARABINER_FORWARD_TO",
    does: "send the platform's own test events here, from the start on: 127.0.0.1:4242/webhook",
    parse: parsePlace,
  },
  {
    option: "forward.connectTo",
    commands: DEV,
    flags: "--forward-connect-to <url>",
    variable: "CARABINER_FORWARD_CONNECT_TO",
    does: "send test events of connected accounts here",
    parse: parsePlace,
  },
  {
    option: "forward.secret",
    commands: DEV,
    flags: "--webhook-secret-file <file>",
    variable: "CARABINER_WEBHOOK_SECRET",
    does: "sign what is forwarded with the secret in this file, instead of whsec_carabinerForLocalTesting",
    readFlag: (file) => secretIn(file, "--webhook-secret-file"),
    secret: "value",
  },
];

/** The settings of a command. */
export function settingsOf(command: ServerCommand): readonly Setting[] {
  return SETTINGS.filter(({ commands }) => commands.includes(command));
}

/** Options of `startCarabiner` that no setting exposes, and why. */
export const NOT_SETTINGS: Readonly<Record<string, string>> = {
  mode: "the command says it: dev or serve",
  controlSocket: "it is in the data directory, where the operator's commands look for it",
  onActivity: "a function, for programs",
  activities: "the log level says it",
};

function parsePublicUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username + url.password + url.search + url.hash !== "")
    throw new InvalidArgumentError("It must be an address such as https://connect.example.com.");
  return text;
}

function parseRoles(text: string): readonly string[] {
  const roles = text.split(",").map((role) => role.trim());
  const known = ROLES.filter((role) => roles.includes(role));
  if (known.length === 0 || roles.length !== known.length)
    throw new InvalidArgumentError("They must be api, send or work, or several of them, such as send,work.");
  return known;
}
