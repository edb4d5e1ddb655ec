import { expect, test } from "vitest";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, IN_A_MINUTE, OpenedStore } from "./opened-store.ts";

/** What waits, as metrics tell it. */
export function backlogConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const backlog = (now = START, countUpTo = 1_000) => on.store.read((reads) => reads.backlog(now, countUpTo));

  test("of an empty store is nothing", async () => {
    expect(await backlog()).toEqual({
      pending: 0,
      due: 0,
      oldestDueAt: null,
      oldestWorkingDueAt: null,
      oldestTaskDueAt: null,
      failingEndpoints: 0,
      disabledEndpoints: 0,
    });
  });

  test("is what is due and not leased, of all endpoints", async () => {
    const [one, other] = await on.make.endpoints(on.store, 2);
    if (one === undefined || other === undefined) throw new Error("no endpoints");
    await on.make.owe(on.store, one, 3, { dueAt: START - 5_000 });
    await on.make.owe(on.store, other, 2, { dueAt: START });
    await on.make.owe(on.store, other, 4, { dueAt: IN_A_MINUTE });
    expect(await backlog()).toMatchObject({ pending: 9, due: 5, oldestDueAt: START - 5_000 });
    expect(await backlog(IN_A_MINUTE)).toMatchObject({ due: 9, oldestDueAt: START - 5_000 });

    const claims = await on.store.claimDue(claimRequest({ limit: 2 }));
    expect(await backlog()).toMatchObject({ pending: 9, due: 3 });
    await on.settleAll(claims, { state: "succeeded" });
    expect(await backlog()).toMatchObject({ pending: 7, due: 3 });
  });

  test("tells what waits for endpoints that work apart from what failing ones hold up", async () => {
    const [failing] = await on.make.endpoints(on.store, 1, { firstFailureAt: START });
    const working = await on.oneEndpoint();
    if (failing === undefined) throw new Error("no endpoint");
    await on.make.owe(on.store, failing, 3, { dueAt: START - 9_000 });
    expect(await backlog()).toMatchObject({ oldestDueAt: START - 9_000, oldestWorkingDueAt: null });
    await on.make.owe(on.store, working, 2, { dueAt: START - 5_000 });
    expect(await backlog()).toMatchObject({ oldestDueAt: START - 9_000, oldestWorkingDueAt: START - 5_000 });
    expect(await backlog(START - 6_000)).toMatchObject({ oldestDueAt: START - 9_000, oldestWorkingDueAt: null });
    await on.store.claimDue(claimRequest({ limit: 9 }));
    expect(await backlog()).toMatchObject({ oldestDueAt: null, oldestWorkingDueAt: null });
  });

  test("tells of an endpoint with a rate limit of its own only what waits while nothing of it is leased", async () => {
    const [limited] = await on.make.endpoints(on.store, 1, { rateLimit: 1 });
    if (limited === undefined) throw new Error("no endpoint");
    await on.make.owe(on.store, limited, 3, { dueAt: START - 9_000 });
    expect(await backlog()).toMatchObject({ oldestDueAt: START - 9_000, oldestWorkingDueAt: START - 9_000 });
    await on.store.claimDue(claimRequest({ limit: 1 }));
    expect(await backlog()).toMatchObject({ due: 2, oldestDueAt: START - 9_000, oldestWorkingDueAt: null });
    // The node that leased it is gone.
    expect(await backlog(2 * IN_A_MINUTE - START + 1)).toMatchObject({ oldestWorkingDueAt: START - 9_000 });
  });

  test("is counted no further than asked, from what has waited longest on", async () => {
    const endpoint = await on.oneEndpoint();
    await on.make.owe(on.store, endpoint, 4, { dueAt: START - 1_000 });
    await on.make.owe(on.store, endpoint, 4, { dueAt: START });
    expect(await backlog(START, 3)).toMatchObject({ pending: 3, due: 3, oldestDueAt: START - 1_000 });
  });

  test("comes with how long scheduled tasks have been due", async () => {
    const task = { kind: "kind", accountId: "acct_1", livemode: false };
    await on.store.transaction(async (tx) => {
      await tx.scheduleTask({ ...task, subject: "late", dueAt: START - 5_000 });
      await tx.scheduleTask({ ...task, subject: "later", dueAt: IN_A_MINUTE });
    });
    expect(await backlog()).toMatchObject({ oldestTaskDueAt: START - 5_000 });
    expect(await backlog(START - 6_000)).toMatchObject({ oldestTaskDueAt: null });
  });

  test("comes with the endpoints that fail or are disabled, without deleted ones", async () => {
    await on.make.endpoints(on.store, 2, { firstFailureAt: START });
    await on.make.endpoints(on.store, 3, { status: "disabled", disabledReason: "failing", firstFailureAt: START });
    await on.make.endpoints(on.store, 1, { status: "disabled", disabledReason: "owner", deleted: true });
    await on.make.endpoints(on.store, 1);
    expect(await backlog()).toMatchObject({ failingEndpoints: 2, disabledEndpoints: 3 });
  });
}
