import { expect, test } from "vitest";
import { numberedRequest } from "../../../test/store/numbered-request.ts";
import { START, storeFixture } from "../../../test/store/store-fixture.ts";
import { openStore } from "../../store/open-store.ts";
import { eraseStep } from "./erase-account.ts";

const PLATFORM = "acct_platform";
const OTHER = { callerId: "acct_other", accountId: "acct_other" };
const LIMITS = { erasedRowsAtOnce: 10 };

/**
 * Erases a platform with this many accounts, next to 200 requests of another. Returns how many steps that took, and who
 * is left.
 */
async function erasedWith(accounts: number): Promise<{ steps: number; left: string[] }> {
  const store = await openStore({ location: "memory", now: START });
  const make = storeFixture();
  await store.transaction(async (tx) => {
    for (const id of [PLATFORM, "acct_other"]) await tx.insertAccount(make.account({ id }));
    for (let n = 0; n < accounts; n++) {
      const { id } = make.account();
      await tx.insertAccount(make.account({ id, data: { createdBy: PLATFORM } }));
      await tx.insertConnection({
        platformId: PLATFORM,
        accountId: id,
        livemode: false,
        created: START,
        controller: true,
        scope: "read_write",
      });
      await tx.insertObject(make.object({ accountId: id }));
    }
  });
  await store.requests.insert(Array.from({ length: 200 }, (_, n) => numberedRequest(n, OTHER)));
  const step = () => store.transaction((tx) => eraseStep(tx, PLATFORM, { now: START, limits: LIMITS }));
  let steps = 0;
  while ((await step()) > 0) steps++;
  const left = (await store.read((reads) => reads.accounts({ limit: 100 }))).rows.map(({ id }) => id);
  await store.close();
  return { steps, left };
}

test("the requests and answers of others are looked through once, however many accounts go with a platform", async () => {
  const few = await erasedWith(1);
  const many = await erasedWith(16);
  expect([few.left, many.left]).toEqual([["acct_other"], ["acct_other"]]);
  // 15 accounts more, of three rows each.
  expect(many.steps - few.steps).toBeLessThan(15);
});
