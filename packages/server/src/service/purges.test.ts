import type { Logger } from "pino";
import { expect, test } from "vitest";
import { createSimulatedClock } from "../../test/clock/simulated-clock.ts";
import { START } from "../../test/store/store-fixture.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { owePurge } from "../resources/platforms/erase-account.ts";
import { BackupInProgress } from "../store/contract/back-up.ts";
import { openStore } from "../store/open-store.ts";
import { StoreUnavailable } from "../store/store.ts";
import { keepPurging } from "./purges.ts";

test("files that cannot be purged are reported, except during a backup, until they can", async () => {
  const store = await openStore({ location: "memory", now: START });
  await store.transaction((tx) => owePurge(tx, "acct_1", START));
  const clock = createSimulatedClock(START);
  const failures = [new StoreUnavailable("The disk is full."), new BackupInProgress(), null];
  let tries = 0;
  const purge = async () => {
    const failure = failures[tries++];
    if (failure) throw failure;
  };
  const troubles: string[] = [];
  const done: unknown[] = [];
  const stopped = new AbortController();
  const running = keepPurging(
    {
      store: { ...store, purge },
      clock,
      limits: DEFAULT_LIMITS,
      log: { info: (line: object) => void done.push(line) } as unknown as Pick<Logger, "info">,
      onTrouble: ({ message }) => void troubles.push(message),
    },
    stopped.signal,
  );
  for (let failed = 1; failed <= 2; failed++) {
    const next = clock.now() + DEFAULT_LIMITS.purgeRetryMs;
    await expect.poll(() => clock.nextWakeAt()).toBe(next);
    expect(tries).toBe(failed);
    await clock.runTo(next);
  }
  await expect.poll(() => done).toMatchObject([{ code: "files.purged" }]);
  expect(troubles).toEqual(["The disk is full."]);
  stopped.abort();
  await running;
  await store.close();
});
