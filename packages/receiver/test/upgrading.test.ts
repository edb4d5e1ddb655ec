import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import type { Inbox } from "../src/inbox/inbox.ts";
import { postgresInbox } from "../src/inbox/postgres/postgres-inbox.ts";
import { migrate as migratePostgres, tablesIn } from "../src/inbox/postgres/schema.ts";
import { queryable } from "../src/inbox/postgres/transaction.ts";
import { migrate as migrateSqlite } from "../src/inbox/sqlite/schema.ts";
import { sqliteInbox } from "../src/inbox/sqlite/sqlite-inbox.ts";
import { openConnection } from "../src/inbox/sqlite/writer.ts";
import { START } from "./signed-webhook.ts";

// Tables of the first version, with what an older program left in them.

/** What waits, in the columns of the first version. `no`: how the database writes false. */
function left(no: string): string[] {
  return [
    `INSERT INTO carabiner_events (source, livemode, account, id, type, object_id, created, rank, endpoint, body, received_at, tells_connection)
     VALUES ('stripe', ${no}, 'acct_1', 'evt_1', 'payout.paid', 'po_1', ${START}, 1, 'connect', 'body', ${START}, ${no})`,
    `INSERT INTO carabiner_work (event, handler, sequence, order_key, created, rank, state, attempts, due_at)
     SELECT number, 'a', 'latest', 'key', created, rank, 'pending', 3, ${START} FROM carabiner_events`,
    `INSERT INTO carabiner_marks (handler, order_key, created, ended) VALUES ('a', 'key', ${START - 5}, ${no})`,
  ];
}

async function handles(inbox: Inbox<unknown>): Promise<void> {
  await inbox.prepare();
  const handlers = [{ handler: "a", limit: 9 }];
  const [claim] = await inbox.claim({ now: START, leaseUntil: START + 9_000, limit: 9, handlers });
  expect(claim).toMatchObject({ attempt: 4, mark: { created: START - 5, ended: false }, event: { id: "evt_1", endpoint: "connect" } });
  if (claim === undefined) return;
  const attempt = await inbox.begin(claim);
  expect(await attempt?.commit({ at: START, next: { state: "done" }, error: null, counts: true, mark: null })).toBe(true);
  expect((await inbox.depth({ settled: true })).work).toMatchObject({ done: 1, pending: 0 });
}

test("a file of SQLite that an older version made is brought up to date, and what waited is handled", async () => {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-upgrading-"));
  const file = join(folder, "app.db");
  const older = openConnection(file);
  migrateSqlite(older, 1);
  for (const statement of left("0")) older.exec(statement.replace("'body'", "x'7b7d'"));
  const inbox = sqliteInbox(file);
  await handles(inbox);
  expect(older.prepare("SELECT version FROM carabiner_inbox").get()).toEqual({ version: 2 });
  // A running program of the previous version continues to store events.
  older.exec(left("0")[0]?.replace("'body'", "x'7b7d'").replace("evt_1", "evt_2") ?? "");
  expect(await inbox.eventsById("evt_2")).toHaveLength(1);
  await inbox.close();
  older.close();
  rmSync(folder, { recursive: true });
});

test("tables in PostgreSQL that an older version made are brought up to date, and what waited is handled", async () => {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  try {
    const client = await pool.connect();
    await migratePostgres(queryable(client, false), tablesIn(null), 1);
    client.release();
    for (const statement of left("false")) await pool.query(statement);
    await handles(postgresInbox(pool));
    expect((await pool.query("SELECT version FROM carabiner_inbox")).rows).toEqual([{ version: 2 }]);
  } finally {
    await pool.end();
    await database.drop();
  }
});
