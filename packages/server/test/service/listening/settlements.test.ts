import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import { Settlements } from "../../../src/service/listening/settlements.ts";
import type { Settlement } from "../../../src/store/contract/delivery-store.ts";
import { StoreUnavailable } from "../../../src/store/store.ts";
import { createSimulatedClock } from "../../clock/simulated-clock.ts";
import { START } from "../../store/store-fixture.ts";

test("a store that is away is asked again after listenTroublePauseMs and not before, with all that waits", async () => {
  const clock = createSimulatedClock(START);
  const asked: string[][] = [];
  const told: string[] = [];
  let away = true;
  const settlements = new Settlements({
    store: {
      async settle(batch) {
        asked.push(batch.map(({ deliveryId }) => deliveryId));
        if (away) throw new StoreUnavailable("away");
        return { refused: [] };
      },
    },
    clock,
    limits: { ...DEFAULT_LIMITS, settleWithinMs: 2, listenTroublePauseMs: 700 },
    onTrouble: ({ message }) => told.push(message),
  });
  const settlement = (deliveryId: string) => ({ deliveryId }) as Settlement;
  const stored = Promise.all([settlements.add(settlement("dlv_1")), settlements.add(settlement("dlv_2"))]);
  await clock.runTo(START + 2);
  const later = settlements.add(settlement("dlv_3"));
  away = false;
  // Each batch also waits for settleWithinMs.
  await clock.runTo(START + 703);
  expect([asked, told]).toEqual([[["dlv_1", "dlv_2"]], ["away"]]);
  await clock.runTo(START + 704);
  await Promise.all([stored, later]);
  expect(asked).toEqual([
    ["dlv_1", "dlv_2"],
    ["dlv_1", "dlv_2", "dlv_3"],
  ]);
});
