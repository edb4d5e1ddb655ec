import { expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { arrivalOf, DONE, inboxEvent, LEASE_MS, START, workFor } from "../src/inbox-contract/inbox-fixture.ts";

const lease = { now: START, leaseUntil: START + LEASE_MS };

/** Stores an event; settles it unless it is to be held. Returns its id. */
async function add(inbox: ReturnType<typeof memoryInbox>, held = false): Promise<string> {
  const event = inboxEvent();
  const stored = await inbox.store(arrivalOf(event, [workFor(event)], { lease }));
  if (stored.outcome !== "stored") throw new Error(stored.outcome);
  if (!held) for (const claim of stored.claims) await inbox.settle(claim, DONE);
  return event.id;
}

test("the oldest events that are settled make room, those that wait never do, however many come", async () => {
  const inbox = memoryInbox({ events: 5 });
  const held = [await add(inbox, true), await add(inbox, true)];
  const others: string[] = [];
  for (let n = 0; n < 100; n++) others.push(await add(inbox));
  const known = async (ids: readonly string[]): Promise<string[]> => {
    const found = await Promise.all(ids.map((id) => inbox.eventsById(id)));
    return ids.filter((_id, index) => found[index]?.length === 1);
  };
  expect(await known(held)).toEqual(held);
  expect(await known(others)).toEqual(others.slice(-3));
});

test("while all wait, what comes is refused again and again; then there is room", async () => {
  const inbox = memoryInbox({ events: 3 });
  const event = inboxEvent();
  const first = await inbox.store(arrivalOf(event, [workFor(event)], { lease }));
  for (let n = 0; n < 2; n++) await add(inbox, true);
  for (let n = 0; n < 50; n++) await expect(add(inbox)).rejects.toThrow(/The memory inbox holds 3 events/);
  if (first.outcome === "stored") for (const claim of first.claims) await inbox.settle(claim, DONE);
  await add(inbox);
  expect(await inbox.eventsById(event.id)).toEqual([]);
});

test("what was pruned is not part of the order in which events make room", async () => {
  const inbox = memoryInbox({ events: 4 });
  const none = { deadBefore: null, quarantinedBefore: null, orphanedBefore: null, markedBefore: null, handlers: ["a"], limit: 100 };
  for (let n = 0; n < 40; n++) {
    await add(inbox);
    await inbox.prune({ now: START, receivedBefore: START + 1, ...none });
  }
  const kept: string[] = [];
  for (let n = 0; n < 5; n++) kept.push(await add(inbox));
  expect(await inbox.eventsById(kept[0] ?? "")).toEqual([]);
  for (const id of kept.slice(1)) expect(await inbox.eventsById(id)).toHaveLength(1);
});
