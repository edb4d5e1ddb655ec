import { expect, test } from "vitest";
import type { RecordedEvent } from "../events/event-draft.ts";
import type { Settlement } from "../store/contract/delivery-store.ts";
import type { DeliveryRow, EndpointRow } from "../store/contract/rows.ts";
import type { Transaction } from "../store/contract/transaction.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import type { Activity } from "./activity.ts";
import { createActivityFeed } from "./activity-feed.ts";

const settlement = (deliveryId: string, outcome = "succeeded"): Settlement =>
  ({
    deliveryId,
    endpointId: "we_1",
    token: 1,
    attempt: { deliveryId, number: 1, at: 0, durationMs: 5, outcome, status: 200, reason: "" },
    next: { state: "succeeded" },
  }) as unknown as Settlement;

/** A store for these tests: it settles, and reads deliveries and endpoints. */
function settlingStore({ refused = [], away = false }: { refused?: string[]; away?: boolean } = {}) {
  const reads: (readonly string[])[] = [];
  const store = {
    settle: async () => ({ refused }),
    read: async (work: (from: unknown) => Promise<unknown>) => {
      if (away) throw new StoreUnavailable("away");
      return work({
        endpoint: async () => ({ url: "http://127.0.0.1/" }) as EndpointRow,
        async deliveriesById(ids: readonly string[]) {
          reads.push(ids);
          const row = {
            kind: "automatic",
            eventId: "evt_1",
            eventType: "a.b",
            eventAccountId: "acct_1",
            eventLivemode: false,
          } as DeliveryRow;
          return new Map(ids.map((id) => [id, row]));
        },
      });
    },
  } as unknown as Store;
  return { store, reads };
}

function feedOf(store: Store, wants: (settlement: Settlement) => boolean, most = 10) {
  const told: Activity[] = [];
  const feed = createActivityFeed({
    store,
    recordEvents: () => Promise.reject(new Error("no events here")),
    observers: [{ events: false, wants, tell: (activity) => void told.push(activity) }],
    limits: { activitiesWaiting: most },
    onBug(error) {
      throw error;
    },
  });
  return { feed, told };
}

test("the wanted settlements of a batch are read at once; nothing is read for others, and nothing is reported that the store refused", async () => {
  const { store, reads } = settlingStore({ refused: ["dlv_2"] });
  const { feed, told } = feedOf(store, ({ attempt }) => attempt?.outcome !== "succeeded");
  await feed.store.settle([settlement("dlv_0")], []);
  const batch = ["dlv_2", "dlv_3", "dlv_4"].map((id) => settlement(id, "timeout"));
  await feed.store.settle([settlement("dlv_1"), ...batch], []);
  await feed.told();
  expect(reads).toEqual([["dlv_3", "dlv_4"]]);
  const of = { kind: "attempt", event: "evt_1", account: "acct_1", outcome: "timeout" };
  expect(told).toMatchObject([
    { ...of, delivery: "dlv_3" },
    { ...of, delivery: "dlv_4" },
  ]);
});

test("activities beyond the limit are left out, and counted", async () => {
  const { store } = settlingStore();
  const { feed, told } = feedOf(store, () => true, 2);
  await feed.store.settle(
    [1, 2, 3, 4, 5].map((n) => settlement(`dlv_${n}`)),
    [],
  );
  await feed.told();
  expect(told).toMatchObject([{ delivery: "dlv_1" }, { delivery: "dlv_2" }, { kind: "omitted", count: 3 }]);
});

test("a store that is away costs the lines alone: what could not be read is counted", async () => {
  const { store } = settlingStore({ away: true });
  const { feed, told } = feedOf(store, () => true);
  expect(await feed.store.settle([settlement("dlv_1")], [])).toEqual({ refused: [] });
  await feed.told();
  expect(told).toEqual([{ kind: "omitted", count: 1 }]);
});

test("without observers the store is the very same", () => {
  const { store } = settlingStore();
  const record = () => Promise.reject(new Error());
  const feed = createActivityFeed({ store, recordEvents: record, observers: [], limits: { activitiesWaiting: 1 }, onBug: () => undefined });
  expect([feed.store, feed.recordEvents]).toEqual([store, record]);
});

test("an observer that throws changes nothing for the caller, and the other observers are called", async () => {
  const bugs: unknown[] = [];
  const told: Activity[] = [];
  const broken = new Error("an observer's own");
  const event = { id: "evt_1", type: "a.b", accountId: "acct_1", livemode: false, pendingWebhooks: 0 } as RecordedEvent;
  const transaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => work({} as Transaction);
  const fails = () => {
    throw broken;
  };
  const feed = createActivityFeed({
    store: { ...settlingStore().store, transaction },
    recordEvents: async () => [event],
    observers: [
      { events: true, wants: () => true, tell: fails },
      { events: true, wants: () => true, tell: (activity) => void told.push(activity) },
    ],
    limits: { activitiesWaiting: 10 },
    onBug: (error) => void bugs.push(error),
  });
  const answer = await feed.store.transaction(async (tx) => {
    await feed.recordEvents(tx, [], { now: 0 } as Parameters<typeof feed.recordEvents>[2]);
    return "stored";
  });
  await feed.store.settle([settlement("dlv_1")], []);
  await feed.told();
  expect(answer).toBe("stored");
  expect(told.map(({ kind }) => kind)).toEqual(["event", "attempt"]);
  expect(bugs).toEqual([broken, broken]);
});
