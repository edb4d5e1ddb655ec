import type { Logger } from "pino";
import { expect, test } from "vitest";
import { createSimulatedClock } from "../../test/clock/simulated-clock.ts";
import { START } from "../../test/store/store-fixture.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { openStore } from "../store/open-store.ts";
import { type PruneRequest, StoreUnavailable } from "../store/store.ts";
import { keepRetention } from "./retention.ts";

test("old rows that cannot be deleted are reported, and the next round tries again", async () => {
  const store = await openStore({ location: "memory", now: START });
  const clock = createSimulatedClock(START);
  let tries = 0;
  const prune = async () => {
    if (tries++ === 0) throw new StoreUnavailable("The disk is full.");
    return 0;
  };
  const troubles: string[] = [];
  const stopped = new AbortController();
  const running = keepRetention(
    {
      store: { ...store, prune },
      clock,
      limits: DEFAULT_LIMITS,
      log: { info: () => undefined } as unknown as Pick<Logger, "info" | "warn">,
      monotonic: () => 0,
      onTrouble: ({ message }) => void troubles.push(message),
    },
    stopped.signal,
  );
  await expect.poll(() => clock.nextWakeAt()).toBe(START + DEFAULT_LIMITS.sweepEveryMs);
  expect(troubles).toEqual(["The disk is full."]);
  await clock.runTo(START + DEFAULT_LIMITS.sweepEveryMs);
  await expect.poll(() => tries).toBe(2);
  expect(troubles).toHaveLength(1);
  stopped.abort();
  await running;
  await store.close();
});

test("a round says once why events that have expired stay, and the next one says it again while it lasts", async () => {
  const store = await openStore({ location: "memory", now: START });
  const clock = createSimulatedClock(START);
  let rounds = 0;
  // Each of a round's calls may be held up.
  const prune = async ({ onHeldUp }: PruneRequest) => {
    onHeldUp?.("pending");
    onHeldUp?.("pending");
    rounds++;
    return 0;
  };
  const lines: unknown[] = [];
  const stopped = new AbortController();
  const running = keepRetention(
    {
      store: { ...store, prune },
      clock,
      limits: DEFAULT_LIMITS,
      log: { info: () => undefined, warn: (...line: unknown[]) => void lines.push(line) } as unknown as Pick<Logger, "info" | "warn">,
      monotonic: () => 0,
      onTrouble: (error) => {
        throw error;
      },
    },
    stopped.signal,
  );
  const line = [{ code: "events.kept", why: "pending" }, expect.stringContaining("so many deliveries are pending")];
  await expect.poll(() => clock.nextWakeAt()).toBe(START + DEFAULT_LIMITS.sweepEveryMs);
  expect([rounds, lines]).toEqual([1, [line]]);
  await clock.runTo(START + DEFAULT_LIMITS.sweepEveryMs);
  await expect.poll(() => lines).toEqual([line, line]);
  stopped.abort();
  await running;
  await store.close();
});
