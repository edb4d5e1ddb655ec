import { expect, test } from "vitest";
import type { DeliveryFilter } from "../../contract/transaction.ts";
import type { SqlRow } from "../database/connection.ts";
import { deliveriesPage } from "./deliveries-page.ts";

/**
 * The query of a page in a database where every way finds as many rows as are counted, or `count` if it names one of
 * these indexes.
 */
async function queryOf(filter: Partial<DeliveryFilter>, narrow: readonly string[], count: number): Promise<string> {
  const asked: string[] = [];
  await deliveriesPage(
    {
      get: (sql: string): SqlRow => ({ count: narrow.some((index) => sql.includes(index)) ? count : 30_000 }),
      all: (sql: string) => {
        asked.push(sql);
        return [];
      },
    },
    null,
    { accountId: "acct_1", livemode: false, ...filter },
    { limit: 10 },
  );
  return asked.join("\n");
}

const FIVE_HUNDREDS = { statuses: [[500, 599]] as [number, number][] };

test("the deliveries of an account's events are found from the newest event on, and only a page of them is read", async () => {
  const query = await queryOf({ eventAccountId: "acct_2" }, ["events_listed"], 5_000);
  expect(query).toMatch(
    /^SELECT d.n, e.n AS event FROM events e INDEXED BY events_listed CROSS JOIN deliveries d INDEXED BY deliveries_of_event .* ORDER BY e.n DESC LIMIT/,
  );
  expect(query).toContain("FROM deliveries d NOT INDEXED");
});

test("so are those of an account and a type that both have many", async () => {
  expect(await queryOf({ eventAccountId: "acct_2", eventType: "payout.paid" }, ["deliveries_later"], 0)).toMatch(
    /^SELECT d.n, e.n AS event FROM events e INDEXED BY events_of_account_type/,
  );
});

test("too many deliveries that were made later than their events: all of the owner's are looked at", async () => {
  const query = await queryOf({ eventAccountId: "acct_2" }, ["deliveries_later"], 10_000);
  expect(query).toContain("FROM deliveries d INDEXED BY deliveries_listed");
});

test("failures of an account are found in indexes alone", async () => {
  const query = await queryOf({ eventAccountId: "acct_2", ...FIVE_HUNDREDS }, ["deliveries_failed"], 5_000);
  expect(query).toContain("FROM deliveries d NOT INDEXED");
  expect(query).toContain("d.n IN (SELECT d.n FROM deliveries d INDEXED BY deliveries_failed_of_event");
  expect(query).toContain("EXISTS (SELECT 1 FROM events e INDEXED BY events_listed");
  expect(query).not.toContain("+d.n");
});

test("two conditions that find thousands each are looked up in each other's numbers, not in the rows", async () => {
  const query = await queryOf({ endpointId: "we_1", ...FIVE_HUNDREDS }, ["deliveries_of_endpoint", "deliveries_failed"], 5_000);
  expect(query).toContain("FROM deliveries d NOT INDEXED");
  expect(query).toContain("INDEXED BY deliveries_failed");
  expect(query).toContain("AND +d.n IN (SELECT d.n FROM deliveries d INDEXED BY deliveries_of_endpoint");
});

test("of thousands that no index has in order the numbers are sorted, and only a page of rows is read", async () => {
  const query = await queryOf({ endpointId: "we_1", ...FIVE_HUNDREDS }, ["deliveries_failed"], 5_000);
  expect(query).toContain("FROM deliveries d NOT INDEXED");
  expect(query).toContain("d.n IN (SELECT d.n FROM deliveries d INDEXED BY deliveries_failed");
});

test("few rows are read as they are", async () => {
  expect(await queryOf({ state: "exhausted", ...FIVE_HUNDREDS }, ["deliveries_given_up", "deliveries_failed"], 3)).not.toContain("+d.n");
});
