import { expect, test } from "vitest";
import type { RequestFilter } from "../contract/transaction.ts";
import { COUNTED } from "../delivery-ways.ts";
import type { SqlRow } from "./database/connection.ts";
import { requestsPage } from "./request-rows.ts";

/** The queries of a page, where every way but that by this index finds as many rows as are counted. */
async function queriesOf(filter: Partial<RequestFilter>, narrow = "none"): Promise<{ page: string; counts: string[] }> {
  const counts: string[] = [];
  const pages: string[] = [];
  await requestsPage(
    {
      get: (sql: string): SqlRow => {
        counts.push(sql);
        return { count: sql.includes(narrow) ? 3 : COUNTED };
      },
      all: (sql: string) => {
        pages.push(sql);
        return [];
      },
    },
    null,
    { callerId: "acct_1", livemode: false, ...filter },
    { limit: 10 },
  );
  return { page: pages.join("\n"), counts };
}

test("failed requests are found by an index of the failed ones alone, not among all", async () => {
  const { page } = await queriesOf({ statuses: [[500, 599]] }, "requests_failed");
  expect(page).toContain("n IN (SELECT n FROM requests INDEXED BY requests_failed");
  expect((await queriesOf({ error: "parameter_missing" }, "requests_failed")).page).toContain("INDEXED BY requests_failed");
});

test("requests of a path are found by the path", async () => {
  expect((await queriesOf({ pathPrefix: "/v1/transfers" }, "requests_of_path")).page).toContain(
    "n IN (SELECT n FROM requests INDEXED BY requests_of_path",
  );
});

test("what is frequent is looked for among all, newest first", async () => {
  expect((await queriesOf({ pathPrefix: "/v1" })).page).toMatch(/FROM requests INDEXED BY requests_listed WHERE caller_id = \?/);
  expect((await queriesOf({ statuses: [[200, 299]] }, "requests_failed")).page).not.toContain("requests_failed");
});

test("without a search nothing is counted", async () => {
  expect((await queriesOf({})).counts).toEqual([]);
});
