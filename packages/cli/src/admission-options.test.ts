import { expect, test } from "vitest";
import { admissionOf } from "./admission-options.ts";

test("nothing is said unless it is given", () => {
  expect(admissionOf({}, {})).toEqual({ limits: {} });
  expect(admissionOf({}, { CARABINER_TRUSTED_PROXIES: "", CARABINER_RATE_PER_KEY: "" })).toEqual({ limits: {} });
});

test("options win over the environment", () => {
  const env = { CARABINER_TRUSTED_PROXIES: "10.0.0.0/8", CARABINER_RATE_PER_KEY: "5:10", CARABINER_RATE_PER_ADDRESS: "0.5" };
  expect(admissionOf({}, env)).toEqual({
    trustedProxies: ["10.0.0.0/8"],
    limits: { requestsPerSecondPerKey: 5, requestBurstPerKey: 10, requestsPerSecondPerAddress: 0.5 },
  });
  expect(admissionOf({ trustedProxies: "192.0.2.7, 2001:db8::/32", ratePerKey: "25", ratePerAddress: "50:200" }, env)).toEqual({
    trustedProxies: ["192.0.2.7", "2001:db8::/32"],
    limits: { requestsPerSecondPerKey: 25, requestsPerSecondPerAddress: 50, requestBurstPerAddress: 200 },
  });
});

test.each([
  [{ trustedProxies: "proxy.internal" }, {}, "--trusted-proxies"],
  [{ trustedProxies: "10.0.0.0/33" }, {}, "--trusted-proxies"],
  [{ trustedProxies: "10.0.0.0/8,," }, {}, "--trusted-proxies"],
  [{ trustedProxies: "10.0.0.0/8/8" }, {}, "--trusted-proxies"],
  [{ ratePerKey: "many" }, {}, "--rate-per-key"],
  [{ ratePerKey: "-1" }, {}, "--rate-per-key"],
  [{ ratePerKey: "5:0" }, {}, "--rate-per-key"],
  [{ ratePerAddress: "5:" }, {}, "--rate-per-address"],
  [{}, { CARABINER_TRUSTED_PROXIES: "all" }, "CARABINER_TRUSTED_PROXIES"],
  [{}, { CARABINER_RATE_PER_KEY: "5/s" }, "CARABINER_RATE_PER_KEY"],
  [{}, { CARABINER_RATE_PER_ADDRESS: "1e3" }, "CARABINER_RATE_PER_ADDRESS"],
])("%j and %j are refused by the name of %s", (options, env, named) => {
  expect(() => admissionOf(options, env)).toThrow(named);
});
