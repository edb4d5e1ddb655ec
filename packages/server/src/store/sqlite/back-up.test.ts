import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { START, storeFixture } from "../../../test/store/store-fixture.ts";
import type { AccountRow } from "../contract/rows.ts";
import { fixedKeys, SecretBox, secretKey } from "../secret-box.ts";
import { StoreUnavailable } from "../store.ts";
import { openDatabase, WAL_PAGES } from "./database/open-database.ts";
import { UnderWayFile, underWayFileOf } from "./deliveries/under-way-file.ts";
import { inspectCopy, settleCopy } from "./schema/inspect-copy.ts";
import { createSqliteStore } from "./sqlite-store.ts";

const keys = fixedKeys({ current: secretKey(Buffer.alloc(32, 1)), older: [] }, "a test");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-back-up-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function opened() {
  const path = join(folder, "carabiner.db");
  const database = openDatabase(path);
  const box = new SecretBox(keys, (bytes) => Buffer.alloc(bytes, 7));
  const store = createSqliteStore(database, START, box, { path, underWay: new UnderWayFile(underWayFileOf(path)) });
  return { path, database, store, make: storeFixture() };
}

function emptyFile(): string {
  const file = join(folder, "copy.db");
  writeFileSync(file, "", { mode: 0o600, flag: "wx" });
  return file;
}

/** The accounts of a copy, in the order they were made. */
function accountsIn(file: string): string[] {
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    return copy
      .prepare("SELECT id FROM accounts ORDER BY rowid")
      .all()
      .map(({ id }) => id as string);
  } finally {
    copy.close();
  }
}

/** Writes until it is stopped: transactions of several statements, each big enough to make the log grow. */
function writer({ store, make }: Pick<ReturnType<typeof opened>, "store" | "make">) {
  const kept: string[] = [];
  let stopped = false;
  const insert = (row: AccountRow) => store.transaction((tx) => tx.insertAccount(row));
  const ended = (async () => {
    while (!stopped) {
      const rows = Array.from({ length: 5 }, () => make.account({ data: { filled: "x".repeat(20_000) } }));
      await Promise.all(rows.map(insert));
      kept.push(...rows.map(({ id }) => id));
    }
  })();
  return {
    kept,
    async stop() {
      stopped = true;
      await ended;
    },
  };
}

test("a copy that is made while others write is whole, and has all that was kept before it was begun and nothing twice", async () => {
  const { store, make, database } = opened();
  const writing = writer({ store, make });
  while (writing.kept.length < 100) await store.read((reads) => reads.setting("purpose"));
  const before = [...writing.kept];
  const file = emptyFile();
  await store.backUp?.(file);
  const during = writing.kept.length;
  await writing.stop();

  settleCopy(file);
  const found = accountsIn(file);
  expect(found.slice(0, before.length)).toEqual(before);
  expect(found).toEqual([...writing.kept].slice(0, found.length));
  expect(found.length).toBeLessThanOrEqual(writing.kept.length);
  expect(during).toBeGreaterThan(before.length);
  expect(inspectCopy(file)).toMatchObject({ accounts: found.length, events: 0, deliveries: 0, pending: 0 });
  expect(Object.keys(inspectCopy(file).marker.checks)).toEqual([keys.ring().current.id]);
  expect(readdirSync(folder).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  // From here on the log is merged into the file again.
  expect(database.prepare("PRAGMA wal_autocheckpoint").get()?.wal_autocheckpoint).toBe(WAL_PAGES);
  await store.close();
});

test("the copy contains what is only in the log, and the next copy contains what is committed meanwhile", async () => {
  const { store, make } = opened();
  const [before, during] = [make.account(), make.account()];
  await store.transaction((tx) => tx.insertAccount(before));
  const file = emptyFile();
  const copying = store.backUp?.(file);
  await store.transaction((tx) => tx.insertAccount(during));
  await copying;
  settleCopy(file);
  expect(accountsIn(file)[0]).toBe(before.id);
  const next = join(folder, "next.db");
  writeFileSync(next, "");
  await store.backUp?.(next);
  settleCopy(next);
  expect(accountsIn(next)).toEqual([before.id, during.id]);
  await store.close();
});

test("the database's file stays as it is while it is copied, whatever is committed meanwhile", async () => {
  const { path, store, make } = opened();
  const insert = () => store.transaction((tx) => tx.insertAccount(make.account({ data: { filled: "x".repeat(20_000) } })));
  await Promise.all(Array.from({ length: 500 }, insert));
  const file = emptyFile();
  let copied = false;
  const copying = store.backUp?.(file).finally(() => {
    copied = true;
  });
  let asCopied: Buffer | null = null;
  let compared = 0;
  while (!copied) {
    await insert();
    if (copied || statSync(file).size === 0) continue;
    asCopied ??= readFileSync(path);
    expect(readFileSync(path).equals(asCopied)).toBe(true);
    compared++;
  }
  await copying;
  expect(compared).toBeGreaterThan(2);
  await store.close();
});

test("no other process gets at the database, during a copy or after it", async () => {
  const { path, store } = opened();
  await store.backUp?.(emptyFile());
  const other = promisify(execFile)(process.execPath, [
    "-e",
    "new (require('node:sqlite').DatabaseSync)(process.argv[1], { timeout: 0 }).exec('BEGIN IMMEDIATE; COMMIT')",
    path,
  ]);
  await expect(other).rejects.toMatchObject({ stderr: expect.stringContaining("database is locked") });
  await store.close();
});

test("one copy is made at a time, and none once the store is closed, which interrupts the copy", async () => {
  const { store } = opened();
  const file = emptyFile();
  const first = expect(store.backUp?.(file)).rejects.toMatchObject({ name: "BackupInterrupted" });
  await expect(store.backUp?.(join(folder, "second.db"))).rejects.toMatchObject({ name: "BackupInProgress" });
  await store.close();
  await first;
  await expect(store.backUp?.(file)).rejects.toThrow(StoreUnavailable);
});

test("a store that is closed while the last bytes are copied waits for them: the copy is whole", async () => {
  const { store, make } = opened();
  const account = make.account();
  await store.transaction((tx) => tx.insertAccount(account));
  const file = emptyFile();
  const copying = store.backUp?.(file);
  // The whole database is copied at once.
  while (statSync(file).size === 0) await store.read((reads) => reads.setting("purpose"));
  await store.close();
  await copying;
  settleCopy(file);
  expect(accountsIn(file)).toEqual([account.id]);
});

test("a file that is not one of our databases, or is incomplete, is not a copy", async () => {
  const { store, path } = opened();
  await store.close();
  const told = (bytes: Buffer): string => {
    const file = join(folder, "tried.db");
    writeFileSync(file, bytes);
    try {
      inspectCopy(file);
      return "whole";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(told(Buffer.from("something else"))).toBe("it is not a database");
  const other = join(folder, "other.db");
  const database = new DatabaseSync(other);
  database.exec("CREATE TABLE mine (n INTEGER)");
  database.close();
  expect(() => inspectCopy(other)).toThrow("it is not one of Carabiner's");
  expect(() => inspectCopy(path)).toThrow("it was copied from a database in use");
});
