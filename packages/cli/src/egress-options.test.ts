import { expect, test } from "vitest";
import { egressOf } from "./egress-options.ts";
import { startFailure } from "./start-failure.ts";

const NOTHING = { allowedRanges: [], refusedPorts: [], allowedPorts: [], nameServers: [] };

test("nothing is said unless it is given", () => {
  expect(egressOf({}, {})).toEqual(NOTHING);
  expect(egressOf({}, { CARABINER_ALLOW_NETWORK: "", CARABINER_EGRESS_PROXY: "" })).toEqual(NOTHING);
});

test("options win over the environment", () => {
  const env = {
    CARABINER_ALLOW_NETWORK: "10.0.0.0/8, 192.168.7.0/24",
    CARABINER_REFUSE_PORT: "8080",
    CARABINER_ALLOW_PORT: "443,8443",
    CARABINER_NAME_SERVER: "10.0.0.53",
    CARABINER_EGRESS_PROXY: "http://proxy.internal:3128",
  };
  expect(egressOf({}, env)).toEqual({
    allowedRanges: ["10.0.0.0/8", "192.168.7.0/24"],
    refusedPorts: [8080],
    allowedPorts: [443, 8443],
    nameServers: ["10.0.0.53"],
    proxy: "http://proxy.internal:3128",
  });
  expect(egressOf({ allowNetwork: ["172.16.0.0/12"], refusePort: ["25"], egressProxy: "http://other:1" }, env)).toMatchObject({
    allowedRanges: ["172.16.0.0/12"],
    refusedPorts: [25],
    allowedPorts: [443, 8443],
    proxy: "http://other:1",
  });
});

test.each([
  [{ refusePort: ["http"] }, {}, "--refuse-port"],
  [{ allowPort: ["65536"] }, {}, "--allow-port"],
  [{}, { CARABINER_REFUSE_PORT: "25;26" }, "CARABINER_REFUSE_PORT"],
])("%j and %j are refused by the name of %s", (options, env, named) => {
  expect(() => egressOf(options, env)).toThrow(named);
});

test("what the server refuses is told by the flag that gave it", () => {
  const error = Object.assign(new TypeError("Not a range of addresses."), { name: "InvalidEgress", option: "allowedRanges" });
  const failure = startFailure(error, { command: "serve", host: "127.0.0.1", port: 0, database: null });
  expect(failure?.message).toBe("--allow-network: Not a range of addresses.");
});
