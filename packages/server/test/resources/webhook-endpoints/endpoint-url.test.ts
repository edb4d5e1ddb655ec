import fc from "fast-check";
import { expect, test } from "vitest";
import { checkUrl } from "../../../src/destinations.ts";
import { endpointUrlProblem } from "../../../src/resources/webhook-endpoints/endpoint-url.ts";

const host = fc.oneof(
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.domain(),
  fc.constantFrom(
    "localhost",
    "a.localhost",
    "printer.local",
    "intranet",
    "169.254.169.254",
    "10.0.0.1",
    "[::1]",
    "[fd00::1]",
    "[2606:4700::1111]",
  ),
);
const url = fc
  .tuple(
    fc.constantFrom("http://", "https://", "ftp://", ""),
    fc.constantFrom("", "user@", "user:word@"),
    host,
    fc.constantFrom("", ":8080", "/hook", "/a b"),
  )
  .map((parts) => parts.join(""));

const rules = fc.record(
  {
    allowLocal: fc.boolean(),
    allowedRanges: fc.constantFrom([], ["10.0.0.0/8"], ["169.254.169.254/32", "fd00::/8"]),
    refusedPorts: fc.constantFrom([], [8080], [80, 443]),
    allowedPorts: fc.constantFrom([], [443], [80, 8080]),
  },
  { requiredKeys: ["allowLocal"] },
);

test("an endpoint's URL is taken exactly when a delivery to it would be tried", () => {
  fc.assert(
    fc.property(url, rules, (text, destinations) => {
      const taken = endpointUrlProblem(text, { livemode: false, destinations }) === null;
      expect(taken).toBe(checkUrl(text, destinations).problem === null);
    }),
    { numRuns: 5_000 },
  );
});
