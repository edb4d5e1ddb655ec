import fc from "fast-check";
import { expect, test } from "vitest";
import { endpointUrlProblem } from "../src/resources/webhook-endpoints/endpoint-url.ts";
import { checkUrl } from "../src/transport/address-guard.ts";

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

test("an endpoint's URL is taken exactly when a delivery to it would be tried", () => {
  fc.assert(
    fc.property(url, fc.boolean(), (text, allowLocal) => {
      const taken = endpointUrlProblem(text, { livemode: false, allowLocal }) === null;
      expect(taken).toBe(checkUrl(text, { allowLocal }).problem === null);
    }),
    { numRuns: 5_000 },
  );
});
