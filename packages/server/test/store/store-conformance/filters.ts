import { describe, expect, test } from "vitest";
import type { Settlement } from "../../../src/store/contract/delivery-store.ts";
import type { DeliveryState, EndpointRow } from "../../../src/store/contract/rows.ts";
import type { DeliveryFilter, Page } from "../../../src/store/contract/transaction.ts";
import { START, settlementOf } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, idsOf, OpenedStore, OWNER } from "./opened-store.ts";

const HOUR = 3_600_000;

/** How the nth delivery ends: what its attempt is answered, and its state after that. */
const ENDINGS: readonly { status?: number; fault?: string; state: DeliveryState }[] = [
  { status: 200, state: "succeeded" },
  { status: 500, state: "pending" },
  { status: 503, state: "exhausted" },
  { fault: "timeout", state: "exhausted" },
  { fault: "dns_failure", state: "pending" },
  { state: "cancelled" },
  { state: "pending" },
];

/** Which deliveries a filter finds, in which order. */
export function filterConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  describe("the filters of deliveries", () => {
    test("find the same as looking at each delivery, newest first and page by page", async () => {
      const [one, two] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
      const other = await on.oneEndpoint({ accountId: "acct_other" });
      const made = Array.from({ length: 42 }, (_, n) => {
        const created = START + n * HOUR;
        const event = on.make.event({
          accountId: n % 3 === 0 ? "acct_connected" : "acct_owner",
          type: n % 4 === 0 ? "customer.updated" : "customer.created",
          created,
        });
        const endpoint = n % 5 === 0 ? two : one;
        return { n, created, event, endpoint, ending: ENDINGS[n % ENDINGS.length] as (typeof ENDINGS)[number] };
      });
      const ids: string[] = [];
      for (const { event, endpoint, created } of made) {
        const delivery = on.make.delivery(event, endpoint, { created, dueAt: created });
        ids.push(delivery.id);
        await on.write(async (tx) => {
          await tx.insertEvents([event], []);
          await tx.insertDeliveries([delivery, on.make.delivery(event, other, { created, dueAt: created + 100 * HOUR })]);
        });
      }
      const now = START + 50 * HOUR;
      const claims = await on.store.claimDue(claimRequest({ now }));
      const settlements = made.map(({ ending: { status, fault, state } }, n): Settlement => {
        const claim = claims.find(({ deliveryId }) => deliveryId === ids[n]);
        if (claim === undefined) throw new Error("a delivery was not claimed");
        const next = state === "pending" ? { state, dueAt: now + HOUR } : { state: state as "succeeded" };
        const { attempt, ...rest } = settlementOf(claim, next, now);
        const tried = status !== undefined || fault !== undefined;
        if (!tried || attempt === null) return { ...rest, attempt: null };
        return { ...rest, attempt: { ...attempt, status: status ?? null, outcome: fault ?? (status === 200 ? "succeeded" : "status") } };
      });
      expect((await on.store.settle(settlements, [])).refused).toEqual([]);

      type Made = (typeof made)[number];
      const filters: [given: Partial<DeliveryFilter>, holds: (row: Made) => boolean][] = [
        [{}, () => true],
        [{ endpointId: two.id }, ({ endpoint }) => endpoint === two],
        [{ eventAccountId: "acct_connected" }, ({ event }) => event.accountId === "acct_connected"],
        [{ eventType: "customer.updated" }, ({ event }) => event.type === "customer.updated"],
        [{ eventTypePattern: "*.updated" }, ({ event }) => event.type === "customer.updated"],
        [{ statuses: [[500, 500]] }, ({ ending }) => ending.status === 500],
        [{ statuses: [[500, 599]] }, ({ ending }) => (ending.status ?? 0) >= 500],
        [{ statuses: [[200, 299]] }, ({ ending }) => ending.status === 200],
        [
          {
            statuses: [
              [200, 200],
              [503, 503],
            ],
          },
          ({ ending }) => ending.status === 200 || ending.status === 503,
        ],
        [{ fault: "timeout" }, ({ ending }) => ending.fault === "timeout"],
        [{ state: "exhausted" }, ({ ending }) => ending.state === "exhausted"],
        [{ state: "pending" }, ({ ending }) => ending.state === "pending"],
        [{ tried: true }, ({ ending }) => "status" in ending || "fault" in ending],
        [{ tried: false }, ({ ending }) => !("status" in ending || "fault" in ending)],
        [{ created: { gte: START + 10 * HOUR, lt: START + 30 * HOUR } }, ({ n }) => n >= 10 && n < 30],
        [{ created: { gt: START + 41 * HOUR } }, () => false],
      ];
      const find = async (filter: Partial<DeliveryFilter>, page: { limit: number; startingAfter?: string; endingBefore?: string }) =>
        idsOf((await on.store.read((reads) => reads.deliveries({ ...OWNER, ...filter }, page))).rows);
      for (const [given, holds] of filters)
        for (const [more, holdsToo] of filters) {
          // A filter takes one condition of each kind; statuses and a fault are one kind.
          const kinds = [...Object.keys(given), ...Object.keys(more)].map((key) => (key === "fault" ? "statuses" : key));
          if (new Set(kinds).size < kinds.length && given !== more) continue;
          const filter = { ...more, ...given };
          const expected = made
            .filter((row) => holds(row) && holdsToo(row))
            .map(({ n }) => ids[n])
            .reverse();
          expect(await find(filter, { limit: 100 }), JSON.stringify(filter)).toEqual(expected);
          const [first, second, third] = expected;
          if (first === undefined || third === undefined) continue;
          expect(await find(filter, { limit: 1, startingAfter: first }), JSON.stringify(filter)).toEqual([second]);
          expect(await find(filter, { limit: 1, endingBefore: third }), JSON.stringify(filter)).toEqual([second]);
        }
    });

    test("find the deliveries of hundreds of events among as many others, page by page, also one that was made later", async () => {
      const endpoint = await on.oneEndpoint();
      const events = Array.from({ length: 1_400 }, (_, n) =>
        on.make.event({
          accountId: n % 2 === 0 ? "acct_connected" : "acct_owner",
          type: n % 2 === 0 ? "customer.updated" : "customer.created",
          created: START + n,
        }),
      );
      // The last delivery belongs to the oldest event.
      const deliveries = [...events, ...events.slice(0, 1)].map((event) => on.make.delivery(event, endpoint, { created: event.created }));
      await on.write(async (tx) => {
        await tx.insertEvents(events, []);
        await tx.insertDeliveries(deliveries);
      });
      const expected = idsOf(deliveries.filter((_, n) => n % 2 === 0)).reverse();
      const find = (filter: Partial<DeliveryFilter>, page: Page) =>
        on.store.read(async (reads) => {
          const { rows, hasMore } = await reads.deliveries({ ...OWNER, ...filter }, page);
          return { ids: idsOf(rows), hasMore };
        });
      for (const filter of [{ eventAccountId: "acct_connected" }, { eventType: "customer.updated" }]) {
        expect(await find(filter, { limit: 3 })).toEqual({ ids: expected.slice(0, 3), hasMore: true });
        expect(await find(filter, { limit: 3, startingAfter: expected[1] as string })).toEqual({
          ids: expected.slice(2, 5),
          hasMore: true,
        });
        expect(await find(filter, { limit: 3, endingBefore: expected[9] as string })).toEqual({ ids: expected.slice(6, 9), hasMore: true });
        expect(await find(filter, { limit: 3, endingBefore: expected[2] as string })).toEqual({
          ids: expected.slice(0, 2),
          hasMore: false,
        });
        expect(await find(filter, { limit: 1_000 })).toEqual({ ids: expected, hasMore: false });
        expect(await find({ ...filter, state: "pending" }, { limit: 2 })).toEqual({ ids: expected.slice(0, 2), hasMore: true });
        expect(await find({ ...filter, state: "exhausted" }, { limit: 2 })).toEqual({ ids: [], hasMore: false });
      }
    });
  });
}
