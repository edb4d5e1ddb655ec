import { expect, test } from "vitest";
import { phasesOf } from "./phases.ts";

test("phases are in order, and the rest of the time belongs to the body", () => {
  const phases = { connection: "new", dns_ms: 4, connect_ms: 6, tls_ms: null, first_byte_ms: 20, total_ms: 41 } as const;
  expect(phasesOf({ phases, duration_ms: 41 })).toEqual([
    { name: "DNS", ms: 4 },
    { name: "Connect", ms: 6 },
    { name: "First byte", ms: 20 },
    { name: "Rest", ms: 11 },
  ]);
});

test("an attempt that was not measured has none", () => {
  expect(phasesOf({ phases: null, duration_ms: 41 })).toEqual([]);
  const unknown = { connection: "new", dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: null, total_ms: 41 } as const;
  expect(phasesOf({ phases: unknown, duration_ms: 41 })).toEqual([]);
});
