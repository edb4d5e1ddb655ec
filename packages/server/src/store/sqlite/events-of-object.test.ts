import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { numbersOfObject } from "./events-of-object.ts";
import { migrate } from "./migrate.ts";

let folder: string;
let database: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-events-of-object-"));
  database = new DatabaseSync(join(folder, "carabiner.db"));
  database.exec("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  migrate(database, 0);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** Inserts an event for each number of a range, of one of 4,000 objects in turn. */
function insertEvents(from: number, to: number): void {
  database
    .prepare(
      `WITH RECURSIVE made (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM made WHERE n < ?)
      INSERT INTO events (n, id, account_id, livemode, type, created, object_id, body)
      SELECT n, printf('evt_%024d', n), 'acct_1', 0, 'payout.paid', n, printf('po_%024d', n * 7919 % 4000), x'00' FROM made`,
    )
    .run(from, to);
}

test("events of objects that have many already change few pages", () => {
  insertEvents(1, 50_000);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  insertEvents(50_001, 50_500);
  // By objects alone it would be more than 300.
  expect(database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get()?.log).toBeLessThan(100);
});

test("the events of an object are found in every stretch, by the index alone", () => {
  insertEvents(1, 50_000);
  const [sql, ...values] = numbersOfObject("po_000000000000000000000017");
  const wanted = database.prepare("SELECT n FROM events WHERE object_id = 'po_000000000000000000000017'").all();
  expect(wanted.length).toBeGreaterThan(10);
  const found = database.prepare(sql).all(...values);
  expect(found.map(({ n }) => Number(n)).sort((a, b) => a - b)).toEqual(wanted.map(({ n }) => Number(n)));
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  expect(plan.map(({ detail }) => detail)).toContain("SEARCH e USING COVERING INDEX events_of_object (<expr>=? AND <expr>=?)");
});
