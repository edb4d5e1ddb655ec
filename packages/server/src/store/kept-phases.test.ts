import { expect, test } from "vitest";
import { keptPhases, phasesOf } from "./kept-phases.ts";

test("phases are kept in few bytes, and read as they were", () => {
  const fresh = { reused: false, dnsMs: 1.5, connectMs: 0.3, tlsMs: null, firstByteMs: 6.1 };
  const reused = { reused: true, dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: 0.4 };
  const failed = { reused: false, dnsMs: 2, connectMs: null, tlsMs: null, firstByteMs: null };
  for (const phases of [fresh, reused, failed, { ...reused, firstByteMs: null }, null])
    expect(phasesOf(keptPhases(phases))).toEqual(phases);
  expect(keptPhases(reused)).toBe("[0.4]");
});
