import { expect, test } from "vitest";
import type { DeliveryFilter } from "../contract/transaction.ts";
import type { SqlRow } from "./connection.ts";
import { deliveriesPage } from "./deliveries-page.ts";

/** The query of a page in a database where every way finds as many rows as are counted, or `count` if it names one of these indexes. */
function queryOf(filter: Partial<DeliveryFilter>, narrow: readonly string[], count: number): string {
  const asked: string[] = [];
  deliveriesPage(
    {
      get: (sql: string): SqlRow => ({ count: narrow.some((index) => sql.includes(index)) ? count : 30_000 }),
      all: (sql: string) => {
        asked.push(sql);
        return [];
      },
    },
    { accountId: "acct_1", livemode: false, ...filter },
    { limit: 10 },
  );
  return asked.join("\n");
}

const FIVE_HUNDREDS = { statuses: [[500, 599]] as [number, number][] };

test("the deliveries of an account's events are found by their numbers alone, and only a page of them is read", () => {
  expect(queryOf({ eventAccountId: "acct_2" }, ["events_listed"], 5_000)).toContain(
    "WHERE d.n IN (SELECT d.n FROM events e INDEXED BY events_listed CROSS JOIN deliveries d INDEXED BY deliveries_of_event ON d.event = e.n",
  );
});

test("two conditions that find thousands each are looked up in each other's numbers, not in the rows", () => {
  const query = queryOf({ eventAccountId: "acct_2", ...FIVE_HUNDREDS }, ["events_listed", "deliveries_failed"], 5_000);
  expect(query).toContain("FROM deliveries d NOT INDEXED");
  expect(query).toContain("INDEXED BY deliveries_of_event ON d.event = e.n");
  expect(query).toContain("AND +d.n IN (SELECT d.n FROM ");
});

test("few rows are read as they are", () => {
  expect(queryOf({ state: "exhausted", ...FIVE_HUNDREDS }, ["deliveries_given_up", "deliveries_failed"], 3)).not.toContain("+d.n");
});
