import { createEngine } from "../packages/server/src/deliveries/engine.ts";
import { retryPolicies } from "../packages/server/src/deliveries/retry-policies.ts";
import { DEFAULT_LIMITS } from "../packages/server/src/limits.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import type { Posted, Transport } from "../packages/server/src/transport/transport.ts";
import { createSimulatedClock } from "../packages/server/test/clock/simulated-clock.ts";
import type { Report } from "./report.ts";
import { seedOwner, seedPending } from "./seed-store.ts";

const DELIVERIES = 100_000;
const ENDPOINTS = 100;
const DAYS = 3;

/** Three simulated days of deliveries in memory, with a network that answers at once: all that retrying costs. */
export async function threeDays(): Promise<Report[]> {
  return [
    // Receivers that fail every other time; and half of the receivers never well, so that half of all is tried to the end.
    await daysWith("every second attempt fails", (attempt) => attempt % 2 === 0, 20),
    await daysWith("every second receiver is down", (_, endpoint) => endpoint % 2 === 0, null),
  ];
}

async function daysWith(what: string, fails: (attempt: number, endpoint: number) => boolean, atMost: number | null): Promise<Report> {
  const start = Date.UTC(2026, 10, 2);
  const clock = createSimulatedClock(start);
  const store = await openStore({ location: "memory", now: start });
  const owner = await seedOwner(store, start, ENDPOINTS, (n) => `http://receiver.test/${n}`);
  await seedPending(store, start, [owner], DELIVERIES);

  let attempts = 0;
  const transport: Transport = {
    post: async ({ url }) => answered(fails(attempts++, Number(url.slice(url.lastIndexOf("/") + 1))) ? 500 : 200),
    close: async () => undefined,
  };
  const raise = (error: unknown): never => {
    throw error;
  };
  const engine = createEngine({
    store,
    clock,
    transport,
    policies: retryPolicies("stripe", DEFAULT_LIMITS.attemptDeadlineMs),
    // Every retry is made: what is measured is what they cost.
    limits: { ...DEFAULT_LIMITS, breakerFailures: 0 },
    onTrouble: raise,
    onBug: raise,
  });
  await engine.pause();
  const began = performance.now();
  for (let next = await engine.runOnce(); next !== null; next = await engine.runOnce()) {
    if (next > start + DAYS * 24 * 3_600_000 * 1.01) throw new Error("something is tried later than in three days");
    clock.advanceTo(Math.max(next, clock.now()));
  }
  const seconds = (performance.now() - began) / 1_000;
  await engine.stop();
  await store.close();
  return {
    name: "three simulated days",
    ours: seconds,
    bare: null,
    ratio: null,
    reach: atMost === null ? null : { atMost },
    unit: "s",
    settings: `${DELIVERIES} deliveries to ${ENDPOINTS} endpoints, ${what}: ${attempts} attempts; the store in memory`,
  };
}

const answered = (status: number): Posted => ({ kind: "answer", status, headers: {}, body: "", truncated: false, durationMs: 5 });
