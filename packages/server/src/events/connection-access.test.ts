import { expect, it } from "vitest";
import { mayActFor } from "./connection-access.ts";

const live = { livemode: true };
const test = { livemode: false };

it.each([
  { connections: [], key: "test", allowed: false },
  { connections: [], key: "live", allowed: false },
  { connections: [test], key: "test", allowed: true },
  { connections: [test], key: "live", allowed: false },
  { connections: [live], key: "test", allowed: true },
  { connections: [live], key: "live", allowed: true },
  { connections: [test, live], key: "test", allowed: true },
  { connections: [test, live], key: "live", allowed: true },
])("a $key key with $connections: $allowed", ({ connections, key, allowed }) => {
  expect(mayActFor(connections, key === "live")).toBe(allowed);
});
