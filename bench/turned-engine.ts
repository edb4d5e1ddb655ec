import { randomBytes } from "node:crypto";
import { createIdSource } from "../packages/protocol/src/index.ts";
import { createSystemClock } from "../packages/server/src/clock/system-clock.ts";
import { createTurnableClock } from "../packages/server/src/clock/turnable-clock.ts";
import type { ClockControl } from "../packages/server/src/console/clock.ts";
import { createEngine, type Engine } from "../packages/server/src/deliveries/engine.ts";
import { retryPolicies } from "../packages/server/src/deliveries/retry-policies.ts";
import { recordEvents } from "../packages/server/src/events/record-event.ts";
import { DEFAULT_LIMITS } from "../packages/server/src/limits.ts";
import type { Settings } from "../packages/server/src/operations/operation.ts";
import { taskHandlers } from "../packages/server/src/resources/task-handlers.ts";
import { createClockControl } from "../packages/server/src/service/clock-control.ts";
import { createTaskRunner } from "../packages/server/src/service/task-runner.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import type { Transport } from "../packages/server/src/transport/transport.ts";
import { TEST_KEYS } from "../packages/server/test/store/store-fixture.ts";
import { seedOwner, seedPending } from "./seed-store.ts";

/** A `dev` server's engine with its clock, on a store with pending deliveries, all due. */
export interface TurnedEngine {
  engine: Engine;
  control: ClockControl;
  close(): Promise<void>;
}

export interface TurnedEngineOptions {
  /** A file, or "memory". */
  location: string;
  transport: Transport;
  deliveries: number;
  endpoints: number;
  urlOf(endpoint: number): string;
}

/** Makes the deliveries, and the engine, which is not started. Every failure is thrown. */
export async function turnedEngine({ location, transport, deliveries, endpoints, urlOf }: TurnedEngineOptions): Promise<TurnedEngine> {
  const clock = createTurnableClock(createSystemClock());
  const now = clock.now();
  const store: Store = await openStore({ location, now, keys: TEST_KEYS });
  const owner = await seedOwner(store, now, endpoints, urlOf);
  await seedPending(store, now, [owner], deliveries);
  const raise = (error: unknown): never => {
    throw error;
  };
  // Every retry is made, as on a `dev` server, because the benchmark measures what they cost.
  const limits = { ...DEFAULT_LIMITS, breakerFailures: 0 };
  const policies = retryPolicies("stripe", limits.attemptDeadlineMs);
  const engine = createEngine({ store, clock, transport, policies, limits, onTrouble: raise, onBug: raise });
  const settings: Settings = {
    destinations: { allowLocal: true },
    allowCustomEventTypes: false,
    publicUrl: () => "http://127.0.0.1",
    pickAccounts: false,
    platformsSeeServer: true,
    liveTestHelpers: false,
    personEvents: "persons_api",
  };
  const ids = createIdSource(randomBytes);
  const tasks = createTaskRunner({
    store,
    clock,
    ids,
    limits,
    settings,
    handlers: taskHandlers,
    recordEvents,
    onTrouble: raise,
    onBug: raise,
  });
  return {
    engine,
    control: await createClockControl(clock, { tasks, engine }, store),
    async close() {
      await tasks.stop();
      await engine.stop();
      await store.close();
    },
  };
}
