import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { groupWriter } from "./group-writer.ts";
import { openConnection } from "./writer.ts";

let folder = "";
let db: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-group-"));
  db = openConnection(join(folder, "a.db"));
  db.exec("CREATE TABLE t (n INTEGER PRIMARY KEY)");
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});
const insert = (n: number) => (): number => Number(db.prepare("INSERT INTO t VALUES (?)").run(n).lastInsertRowid);
const kept = (): unknown[] =>
  db
    .prepare("SELECT n FROM t ORDER BY n")
    .all()
    .map(({ n }) => n);

test("changes that arrive together are one commit, and each stands or falls by itself", async () => {
  const change = groupWriter(db, () => null);
  const outcomes = await Promise.allSettled([
    change(insert(1)),
    change(insert(1)),
    change(insert(2), () => false),
    change(() => {
      insert(3)();
      throw new TypeError("no");
    }),
    change(insert(4)),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
  expect(kept()).toEqual([1, 4]);
  expect(db.isTransaction).toBe(false);
});

test("who comes while the lock is held by this process waits for it, and commits with the others", async () => {
  const other = new DatabaseSync(join(folder, "a.db"));
  const released = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const change = groupWriter(db, () => {
    asked.resolve();
    return released.promise;
  });
  other.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
  const first = change(insert(2));
  await asked.promise;
  const second = change(insert(3));
  other.exec("COMMIT");
  released.resolve();
  expect(await Promise.all([first, second])).toEqual([2, 3]);
  other.close();
  expect(kept()).toEqual([1, 2, 3]);
});
