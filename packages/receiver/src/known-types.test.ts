import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KNOWN_TYPES, unknownPattern } from "./known-types.ts";

test("the known types are those of the official package", () => {
  const types = readFileSync(join(import.meta.dirname, "../../../node_modules/stripe/esm/resources/Events.d.ts"), "utf8");
  const official = [...types.matchAll(/^\s+type: '([a-z0-9_.]+)'/gm)].map(([, type]) => type);
  expect([...KNOWN_TYPES].sort()).toEqual([...new Set(official)].sort());
});

test("what is misspelt is told of, with what may be meant", () => {
  for (const known of ["*", "payout.failed", "customer.subscription.*", "person.*", "v2.core.account.closed"])
    expect(unknownPattern(known)).toBeNull();
  expect(unknownPattern("payout.faild")).toContain('Is "payout.failed" meant?');
  expect(unknownPattern("payouts.*")).toContain('Is "payout.*" meant?');
  expect(unknownPattern("entirely.new_thing")).not.toContain("meant");
});
