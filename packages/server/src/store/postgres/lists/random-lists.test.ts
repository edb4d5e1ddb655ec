import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { expectRandomLists, SMALL } from "../../../../test/store/random-lists.ts";
import { START, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { openStore } from "../../open-store.ts";
import type { Store } from "../../store.ts";
import { DELIVERY_LISTS } from "./list-thresholds.ts";

vi.mock("../../list-thresholds.ts", async () => SMALL.either);
vi.mock("./list-thresholds.ts", async () => SMALL.postgres);

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await createTestDatabase();
  store = await openStore({ location: database.url, now: START, keys: TEST_KEYS });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

// The rows of the seeds before stay there, as others' accounts.
test.each([1, 2, 3])(
  "every page equals the result of a plain filter over all rows, in every way of reading it (seed %i)",
  { timeout: 60_000 },
  async (seed) => {
    expect(DELIVERY_LISTS.few).toBe(SMALL.postgres.DELIVERY_LISTS.few);
    await expectRandomLists(store, seed);
  },
);
