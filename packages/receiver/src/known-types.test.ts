import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KNOWN_THIN_TYPES } from "./known-thin-types.ts";
import { KNOWN_TYPES, unknownPattern } from "./known-types.ts";

const PACKAGE = join(import.meta.dirname, "../../../node_modules/stripe/esm/resources");

test("the known types are those of the official package", () => {
  const types = readFileSync(join(PACKAGE, "Events.d.ts"), "utf8");
  const official = [...types.matchAll(/^\s+type: '([a-z0-9_.]+)'/gm)].map(([, type]) => type);
  expect([...KNOWN_TYPES].sort()).toEqual([...new Set(official)].sort());
});

test("the known types of thin events are those of the official package", () => {
  const types = readFileSync(join(PACKAGE, "V2/Core/Events.d.ts"), "utf8");
  const official = [...types.matchAll(/^\s+type: '(v[12]\.[^']+)'/gm)].map(([, type]) => type);
  expect(official.length).toBeGreaterThan(300);
  expect([...KNOWN_THIN_TYPES].sort()).toEqual([...new Set(official)].sort());
});

test("a misspelt type is reported, with the types that may be meant", () => {
  for (const known of [
    "*",
    "payout.failed",
    "customer.subscription.*",
    "person.*",
    "v2.core.account.closed",
    "v1.account.updated",
    "v1.person.*",
    "v2.*",
  ])
    expect(unknownPattern(known)).toBeNull();
  expect(unknownPattern("payout.faild")).toContain('Is "payout.failed" meant?');
  expect(unknownPattern("payouts.*")).toContain('Is "payout.*" meant?');
  expect(unknownPattern("v1.acount.updated")).toContain('Is "v1.account.updated" meant?');
  expect(unknownPattern("v2.core.account.requirements.updated")).toContain('Is "v2.core.account[requirements].updated" meant?');
  // Whole events have no prefix, and not each of them has a thin form.
  expect(unknownPattern("v1.reserve.hold.created")).toContain('Is "reserve.hold.created" meant?');
  expect(unknownPattern("entirely.new_thing")).not.toContain("meant");
});
