import { expect, test } from "vitest";
import type { EventFilter } from "../../contract/transaction.ts";
import type { SqlRow } from "../database/connection.ts";
import { eventsPage } from "./events-page.ts";

const LARGE = { accountId: "acct_1", livemode: false };

/**
 * The query of a page in a database where every way finds as many rows as are counted, or few if it names this index.
 */
async function queryOf(filter: Partial<EventFilter>, narrow = "none"): Promise<string> {
  const asked: string[] = [];
  await eventsPage(
    {
      get: (sql: string): SqlRow => ({ count: sql.includes(narrow) ? 3 : 30_000, next: 20_000, last: 1 }),
      all: (sql: string) => {
        asked.push(sql);
        return [];
      },
    },
    null,
    { ...LARGE, ...filter },
    { limit: 10 },
  );
  return asked.join("\n");
}

test("one type of a large account is found by the account and the type, not among the type's events of all accounts", async () => {
  expect(await queryOf({ types: ["payout.paid"] })).toContain(
    "INDEXED BY events_of_account_type WHERE account_id = ? AND livemode = ? AND type = ?",
  );
});

test("events of an object are found by the object", async () => {
  expect(await queryOf({ objectId: "po_1", types: ["payout.paid"] })).not.toMatch(/INDEXED BY events_(?!of_object)/);
});

test("a time with an end is counted up to its end", async () => {
  const query = await queryOf({ created: { gte: 1_000, lt: 2_000 } }, "events_by_age WHERE created >= ? AND created < ?");
  // The index of the account tells which of them are its own: no row is read in vain.
  expect(query).toContain(
    "FROM events INDEXED BY events_listed WHERE n IN (SELECT n FROM events INDEXED BY events_by_age WHERE created >= ? AND created < ?)",
  );
});

test("what was not received is found among deliveries without success, by an index that has their events", async () => {
  expect(await queryOf({ deliverySuccess: false }, "deliveries_unanswered")).toContain(
    "SELECT event FROM deliveries INDEXED BY deliveries_unanswered_of_account WHERE unanswered_account = ?",
  );
  const connectedTo = { platformId: "acct_1", applicationId: null, exceptTypes: [] };
  expect(await queryOf({ deliverySuccess: false, connectedTo }, "deliveries_unanswered")).toContain(
    "SELECT event FROM deliveries INDEXED BY deliveries_unanswered WHERE state IN (2, 4)",
  );
});
