import { expect, test, vi } from "vitest";
import { expectRandomLists, SMALL } from "../../../../test/store/random-lists.ts";
import { START, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { openStore } from "../../open-store.ts";
import { DELIVERY_LISTS } from "./list-thresholds.ts";

vi.mock("../../list-thresholds.ts", async () => SMALL.either);
vi.mock("./list-thresholds.ts", async () => SMALL.sqlite);

test.each([1, 2, 3, 4, 5, 6])(
  "every page equals the result of a plain filter over all rows, in every way of reading it (seed %i)",
  { timeout: 60_000 },
  async (seed) => {
    expect(DELIVERY_LISTS.few).toBe(SMALL.sqlite.DELIVERY_LISTS.few);
    await using store = await opened();
    await expectRandomLists(store.store, seed);
  },
);

async function opened() {
  const store = await openStore({ location: "memory", now: START, keys: TEST_KEYS });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}
