import type { Logger } from "pino";
import { expect, test } from "vitest";
import { createSimulatedClock } from "../../test/clock/simulated-clock.ts";
import { START } from "../../test/store/store-fixture.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { openStore } from "../store/open-store.ts";
import { StoreUnavailable } from "../store/store.ts";
import { keepRetention } from "./retention.ts";

test("old rows that cannot be deleted are told of, and the next round tries again", async () => {
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
      log: { info: () => undefined } as unknown as Pick<Logger, "info">,
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
