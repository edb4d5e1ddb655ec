import { expect, test } from "vitest";
import { promotedBytes } from "../../test/promoted-bytes.ts";
import { createSystemClock } from "../clock/system-clock.ts";
import type { Claim } from "../store/contract/delivery-store.ts";
import { type Attempt, SlowWatch } from "./slow-watch.ts";

test("attempts that have ended are not kept by those that begin", () => {
  const watch = new SlowWatch(createSystemClock(), 60_000, () => undefined, console.error);
  const begin = () => watch.begin({ deliveryId: "dlv", body: Array.from({ length: 20 }, Math.random) } as unknown as Claim, 0);
  const underWay: Attempt[] = Array.from({ length: 64 }, begin);
  const promoted = promotedBytes(50, () => {
    for (let n = 0; n < 200; n++) {
      watch.end(underWay.shift() as Attempt);
      underWay.push(begin());
    }
  });
  watch.stop();
  // 10,000 attempts of more than 200 bytes.
  expect(promoted).toBeLessThan(1_500_000);
});
