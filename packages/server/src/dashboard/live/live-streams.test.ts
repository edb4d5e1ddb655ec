import type { ApiError } from "@carabiner/protocol";
import { expect, test } from "vitest";
import { createSimulatedClock } from "../../../test/clock/simulated-clock.ts";
import { START, storeFixture } from "../../../test/store/store-fixture.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { openStore } from "../../store/open-store.ts";
import { createLiveStreams } from "./live-streams.ts";
import type { Watched } from "./look.ts";
import { createTouchedDeliveries } from "./touched-deliveries.ts";

test("streams are counted for each account and mode, and in all, and each limit is told as it is", async () => {
  const store = await openStore({ location: "memory", now: START });
  const streams = createLiveStreams({
    store,
    clock: createSimulatedClock(START),
    limits: { ...DEFAULT_LIMITS, liveStreams: 3, liveStreamsPerAccount: 2 },
    touched: createTouchedDeliveries(1),
    onBug: (error) => {
      throw error;
    },
  });
  const make = storeFixture();
  const watched = (account = make.account()): Watched => ({ account, application: null, livemode: false });
  const follow = (who: Watched) => streams.open(who, { tell: () => undefined, end: () => undefined });
  const refusal = (who: Watched): string => {
    try {
      follow(who).close();
      return "open";
    } catch (error) {
      return (error as ApiError).message;
    }
  };
  const [one, other] = [watched(), watched()];
  const first = follow(one);
  follow(one);
  expect(refusal(one)).toMatch(/^More than 2 pages/);
  expect(refusal({ ...one, livemode: true })).toBe("open");
  follow(other);
  expect(refusal(watched())).toMatch(/^More than 3 pages/);
  first.close();
  first.close();
  expect(refusal(watched())).toBe("open");
  streams.close();
  expect(refusal(other)).toContain("shutting down");
  await store.close();
});
