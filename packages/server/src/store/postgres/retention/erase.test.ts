import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { numberedRequest } from "../../../../test/store/numbered-request.ts";
import { START, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { openStore } from "../../open-store.ts";
import type { Store } from "../../store.ts";
import { isErasedBy, OF_ANSWER } from "../rows/is-erased.ts";

let database: TestDatabase;
let store: Store;
let other: pg.Client;
beforeEach(async () => {
  database = await createTestDatabase();
  store = await openStore({ location: database.url, now: START, keys: TEST_KEYS });
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
});
afterEach(async () => {
  await other.end();
  await store.close();
  await database.drop();
});

const GONE = { accountId: "acct_gone", erasure: "acct_gone", now: START };

test("requests that are being written while an account is erased are not those of the account", async () => {
  await store.transaction((tx) => tx.insertAccount(storeFixture().account({ id: GONE.accountId })));
  // Another node is about to write a request of the same id: this one waits for it, and has looked who is gone.
  await other.query("BEGIN");
  await other.query(
    "INSERT INTO requests (id, at, caller_id, livemode, account_id, method, path, status, duration_ms) VALUES ('req_1', 0, '', false, '', '', '', 0, 0)",
  );
  const writing = store.requests.insert([
    numberedRequest(1, { accountId: GONE.accountId }),
    numberedRequest(2),
    numberedRequest(3, { accountId: GONE.accountId }),
  ]);
  const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  await expect.poll(async () => (await other.query(waiting)).rowCount).toBe(1);
  while ((await store.transaction((tx) => tx.eraseRows(GONE, 100))) > 0);
  while ((await store.transaction((tx) => tx.eraseAmongOthers(GONE.erasure, 100))) > 0);
  await other.query("ROLLBACK");
  await writing;
  expect((await other.query("SELECT id FROM requests")).rows).toEqual([{ id: "req_2" }]);
});

test("of a row of others each account is looked up, however many accounts an erasure has", async () => {
  await other.query(
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan",
  );
  for (const [table, accounts] of [
    ["idempotent_answers", OF_ANSWER],
    ["requests", "requests.account_id"],
  ] as const) {
    const { rows } = await other.query<Record<string, string>>(
      `EXPLAIN DELETE FROM ${table} WHERE ${isErasedBy("'acct_platform'", accounts)}`,
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain("erased_accounts_pkey");
    expect(plan).not.toContain("erased_accounts_sought");
  }
});
