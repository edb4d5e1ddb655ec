import { Command } from "commander";
import { expect, test } from "vitest";
import { startFailure } from "../start-failure.ts";
import { carabinerOptionsOf, readSettings } from "./read-settings.ts";
import type { ServerCommand } from "./setting.ts";
import { settingsOf } from "./settings.ts";
import { withSettings } from "./with-settings.ts";

/** What a command line, an environment and a file, whose names are those of `inFile`, set. */
function read(args: readonly string[], env: Record<string, string> = {}, inFile: readonly string[] = [], name: ServerCommand = "serve") {
  const command = withSettings(new Command().exitOverride().configureOutput({ writeErr: () => undefined }), settingsOf(name));
  command.parse(args, { from: "user" });
  return readSettings(command, { env, configFile: { path: "/etc/carabiner.env", names: new Set(inFile) } }, name);
}

const DEFAULTS = {
  port: 12_111,
  host: "127.0.0.1",
  limits: {},
  allowLocalEndpoints: false,
  dashboard: true,
  allowCustomEventTypes: false,
  personEvents: "persons_api",
  retryPolicy: "stripe",
  roles: ["api", "send", "work"],
  traceparent: false,
  stripeListen: true,
  listenEndpointSecrets: false,
  log: "info",
};

test("nothing is said unless it is given", () => {
  expect(carabinerOptionsOf(read([]))).toEqual(DEFAULTS);
  expect(carabinerOptionsOf(read([], { CARABINER_ALLOW_NETWORK: "", CARABINER_PORT: "", CARABINER_RATE_PER_KEY: "" }))).toEqual(DEFAULTS);
});

const EVERYTHING = {
  CARABINER_PORT: "8080",
  CARABINER_HOST: "0.0.0.0",
  CARABINER_PUBLIC_URL: "https://connect.example.com",
  CARABINER_UNIX_SOCKET: "/run/carabiner.sock",
  CARABINER_TLS_CERT: "/etc/tls/cert.pem",
  CARABINER_TLS_KEY: "/etc/tls/key.pem",
  CARABINER_TRUSTED_PROXIES: "192.0.2.7, 2001:db8::/32",
  CARABINER_RATE_PER_KEY: "5:10",
  CARABINER_RATE_PER_ADDRESS: "0.5",
  CARABINER_LIMIT_EVENTS_KEPT_MS: "90d",
  CARABINER_ALLOW_NETWORK: "10.0.0.0/8, 192.168.7.0/24",
  CARABINER_REFUSE_PORT: "8080",
  CARABINER_ALLOW_PORT: "443,8443",
  CARABINER_NAME_SERVER: "10.0.0.53",
  CARABINER_EGRESS_PROXY: "http://proxy.internal:3128",
  CARABINER_ALLOW_LOCAL_ENDPOINTS: "yes",
  CARABINER_DASHBOARD: "no",
  CARABINER_CUSTOM_EVENTS: "true",
  CARABINER_PERSON_EVENTS: "all",
  CARABINER_RETRY_POLICY: "quick",
  CARABINER_ROLES: "send,work",
  CARABINER_METRICS_PORT: "9464",
  CARABINER_TRACEPARENT: "true",
  CARABINER_STRIPE_LISTEN: "false",
  CARABINER_LISTEN_ENDPOINT_SECRETS: "1",
  CARABINER_LOG_LEVEL: "debug",
};

test("every option can be given in the environment", () => {
  expect(carabinerOptionsOf(read([], EVERYTHING))).toEqual({
    port: 8_080,
    host: "0.0.0.0",
    publicUrl: "https://connect.example.com",
    unixSocket: "/run/carabiner.sock",
    tls: { certFile: "/etc/tls/cert.pem", keyFile: "/etc/tls/key.pem" },
    trustedProxies: ["192.0.2.7", "2001:db8::/32"],
    limits: { requestsPerSecondPerKey: 5, requestBurstPerKey: 10, requestsPerSecondPerAddress: 0.5, eventsKeptMs: 7_776_000_000 },
    egress: {
      allowedRanges: ["10.0.0.0/8", "192.168.7.0/24"],
      refusedPorts: [8_080],
      allowedPorts: [443, 8_443],
      nameServers: ["10.0.0.53"],
      proxy: "http://proxy.internal:3128",
    },
    allowLocalEndpoints: true,
    dashboard: false,
    allowCustomEventTypes: true,
    personEvents: "all",
    retryPolicy: "quick",
    roles: ["send", "work"],
    metrics: { port: 9_464, host: "127.0.0.1" },
    traceparent: true,
    stripeListen: false,
    listenEndpointSecrets: true,
    log: "debug",
  });
});

test("flags win over the environment, and each value knows its source", () => {
  const line = [
    "--port",
    "1",
    "--allow-network",
    "172.16.0.0/12",
    "--allow-network",
    "10.1.0.0/16",
    "--refuse-port",
    "25",
    "--roles",
    "api",
  ];
  const set = read(line, EVERYTHING, ["CARABINER_HOST", "CARABINER_LIMIT_EVENTS_KEPT_MS"]);
  expect(carabinerOptionsOf(set)).toMatchObject({
    port: 1,
    host: "0.0.0.0",
    roles: ["api"],
    egress: { allowedRanges: ["172.16.0.0/12", "10.1.0.0/16"], refusedPorts: [25], allowedPorts: [443, 8_443] },
  });
  const sources = Object.fromEntries([...set.settings].map(([{ option }, { source }]) => [option, source]));
  expect(sources).toMatchObject({ port: "flag", host: "file", publicUrl: "environment", "metrics.host": "default" });
  expect(set.limits.get("eventsKeptMs")).toEqual({ value: 7_776_000_000, source: "file" });
});

test("a limit comes from the strongest source, and of one source from its own name", () => {
  const env = { CARABINER_LIMIT_REQUESTS_PER_SECOND_PER_KEY: "7", CARABINER_RATE_PER_KEY: "5:10", CARABINER_LIMIT_DRAIN_MS: "1s" };
  const limits = (...args: string[]) => carabinerOptionsOf(read(args, env)).limits;
  expect(limits()).toEqual({ requestsPerSecondPerKey: 7, requestBurstPerKey: 10, drainMs: 1_000 });
  expect(limits("--rate-per-key", "25")).toEqual({ requestsPerSecondPerKey: 25, drainMs: 1_000 });
  expect(limits("--rate-per-key", "25", "--limit", "requestsPerSecondPerKey=3", "--limit", "drainMs=2s")).toEqual({
    requestsPerSecondPerKey: 3,
    drainMs: 2_000,
  });
});

test.each([
  [["--trusted-proxies", "proxy.internal"], {}, "--trusted-proxies"],
  [["--trusted-proxies", "10.0.0.0/33"], {}, "--trusted-proxies"],
  [["--trusted-proxies", "10.0.0.0/8,,"], {}, "--trusted-proxies"],
  [["--trusted-proxies", "10.0.0.0/8/8"], {}, "--trusted-proxies"],
  [["--rate-per-key", "many"], {}, "--rate-per-key"],
  [["--rate-per-key", "-1"], {}, "--rate-per-key"],
  [["--rate-per-key", "5:0"], {}, "--rate-per-key"],
  [["--rate-per-address", "5:"], {}, "--rate-per-address"],
  [["--refuse-port", "http"], {}, "--refuse-port"],
  [["--allow-port", "65536"], {}, "--allow-port"],
  [["--allow-port", "0"], {}, "--allow-port"],
  [["--refuse-port", "0"], {}, "--refuse-port"],
  [["--host", ""], {}, "--host"],
  [["--metrics-host", ""], {}, "--metrics-host"],
  [["--limit", "drainMs=soon"], {}, "--limit"],
  [["--roles", "api,cook"], {}, "--roles"],
  [["--public-url", "connect.example.com"], {}, "--public-url"],
  [[], { CARABINER_TRUSTED_PROXIES: "all" }, "CARABINER_TRUSTED_PROXIES"],
  [[], { CARABINER_RATE_PER_KEY: "5/s" }, "CARABINER_RATE_PER_KEY"],
  [[], { CARABINER_RATE_PER_ADDRESS: "1e3" }, "CARABINER_RATE_PER_ADDRESS"],
  [[], { CARABINER_REFUSE_PORT: "25;26" }, "CARABINER_REFUSE_PORT"],
  [[], { CARABINER_LIMIT_DRAIN_MS: "soon" }, "CARABINER_LIMIT_DRAIN_MS"],
  [[], { CARABINER_CUSTOM_EVENTS: "maybe" }, "CARABINER_CUSTOM_EVENTS"],
  [[], { CARABINER_LOG_LEVEL: "loud" }, "CARABINER_LOG_LEVEL"],
  [[], { CARABINER_HOST: "0.0.0.0", CARABINER_PORT: "http" }, 'CARABINER_PORT in /etc/carabiner.env: "http" cannot be used.'],
])("%j and %j are refused by the name of %s", (args, env, named) => {
  expect(() => read(args, env, ["CARABINER_PORT"])).toThrow(named);
});

test.each([["--tls-cert"], ["--tls-key"]])("%s alone is refused", (flag) => {
  expect(() => carabinerOptionsOf(read([flag, "/etc/tls/file.pem"]))).toThrow(`${flag} goes with`);
});

test("a refusal of the server names the flag that set the value", () => {
  const error = Object.assign(new TypeError("Not a range of addresses."), { name: "InvalidEgress", option: "allowedRanges" });
  const failure = startFailure(error, { command: "serve", host: "127.0.0.1", port: 0, database: null });
  expect(failure?.message).toBe("--allow-network: Not a range of addresses.");
});
