import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InboxUnavailable } from "../inbox.ts";
import { FileInPlace } from "./file-in-place.ts";
import { groupWriter } from "./group-writer.ts";
import { openConnection } from "./writer.ts";

let folder = "";
let db: DatabaseSync;
let inPlace: FileInPlace;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-group-"));
  inPlace = new FileInPlace(join(folder, "a.db"));
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

test("changes that arrive together share a commit, and each succeeds or fails separately", async () => {
  const change = groupWriter({ db, inPlace }, () => null);
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

test("a change that comes while this process holds the lock waits for it, and commits with the others", async () => {
  const other = new DatabaseSync(join(folder, "a.db"));
  const released = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const change = groupWriter({ db, inPlace }, () => {
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

test("where the disk is full, a change that ended the transaction fails all of its group, and those after it are kept", async () => {
  const change = groupWriter({ db, inPlace }, () => null);
  db.exec("CREATE TABLE long (text TEXT); PRAGMA max_page_count = 10");
  const full = change(() => db.prepare("INSERT INTO long VALUES (?)").run("x".repeat(100_000)));
  const outcomes = await Promise.allSettled([change(insert(1)), full, change(insert(2))]);
  expect(outcomes).toEqual(outcomes.map(() => ({ status: "rejected", reason: new InboxUnavailable("SQLite: database or disk is full") })));
  expect(await change(insert(3))).toBe(3);
  expect(kept()).toEqual([3]);
});

test("a commit for which the disk has no room fails its changes at once, and those after it are kept", async () => {
  let full = true;
  const watched = new Proxy(db, {
    get(target, name) {
      if (name === "isTransaction") return target.isTransaction;
      if (name !== "exec") return Reflect.get(target, name).bind(target);
      return (statement: string) => {
        if (full && statement === "COMMIT") throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
        target.exec(statement);
      };
    },
  });
  const change = groupWriter({ db: watched, inPlace }, () => null);
  await expect(Promise.all([change(insert(1)), change(insert(2))])).rejects.toThrow(InboxUnavailable);
  full = false;
  expect(await change(insert(3))).toBe(3);
  expect(kept()).toEqual([3]);
});
