import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { START, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { AS_WRITTEN, CLEAR, clearRows, readSealed, valuesToSeal } from "../../../../test/store/store-in-clear.ts";
import { openStore } from "../../open-store.ts";
import { SecretBox } from "../../secret-box.ts";
import { openDatabase } from "../database/open-database.ts";
import { migrate } from "../schema/migrate.ts";
import { MIGRATIONS } from "../schema/migrations.ts";
import { createSqliteStore } from "../sqlite-store.ts";

/** Steps before the one that seals secrets. */
const IN_CLEAR = MIGRATIONS.indexOf("-- sealed secrets");
/** More than one commit seals. */
const ANSWERS = 1_200;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-sealing-"));
  file = join(folder, "carabiner.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A database of the version before, with secrets in clear, some of them deleted and some still in its log. */
function inClear(): void {
  const database = openDatabase(file);
  migrate(database, START, MIGRATIONS.slice(0, IN_CLEAR));
  for (const sql of clearRows({ yes: "1", no: "0", owner: true }, ANSWERS)) database.exec(sql);
  database.exec(
    "INSERT INTO objects VALUES ('gone', 'account_link', 'acct_1', 0, NULL, 1, '{\"returnUrl\":\"clear-return-0123456789abcdef\"}')",
  );
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.exec("DELETE FROM objects WHERE id = 'gone'");
  database.close();
}

/**
 * Those of the secrets that the files of the store contain; not its copy as it was, which is for the version before.
 */
function found(): string[] {
  const files = readdirSync(folder).filter((name) => !name.includes(".before-upgrade-"));
  const bytes = files.map((name) => readFileSync(join(folder, name)));
  return CLEAR.filter((secret) => bytes.some((content) => content.includes(secret)));
}

test("secrets that an earlier version left in clear are sealed, and gone from the file and its log", async () => {
  inClear();
  expect(found()).toEqual(CLEAR);
  const store = await openStore({ location: file, now: START, keys: TEST_KEYS });
  try {
    // While it is open too.
    expect(found()).toEqual([]);
    expect(await store.read(readSealed)).toEqual(AS_WRITTEN);
    expect(await store.secrets.count()).toEqual(new Map([[TEST_KEYS.ring().current.id, valuesToSeal(ANSWERS)]]));
  } finally {
    await store.close();
  }
  expect(found()).toEqual([]);
});

/** Opens it with what fails at some point of sealing, as if the process had ended there. */
function breakOff(at: { value: number } | "rewriting"): void {
  const database = openDatabase(file);
  const exec = database.exec.bind(database);
  database.exec = (sql) => {
    if (at === "rewriting" && sql.includes("VACUUM")) throw new Error("broken off");
    exec(sql);
  };
  // The first that is sealed is a word by which the key is known again.
  let sealed = -1;
  const box = new SecretBox(TEST_KEYS, (bytes) => {
    if (at !== "rewriting" && sealed++ === at.value) throw new Error("broken off");
    return randomBytes(bytes);
  });
  expect(() => createSqliteStore(database, START, box)).toThrow("broken off");
  database.close();
}

test.each([{ value: 0 }, { value: 3 }, { value: 700 }, "rewriting"] as const)(
  "after an interruption at %j the next process continues",
  async (at) => {
    inClear();
    breakOff(at);
    const store = await openStore({ location: file, now: START, keys: TEST_KEYS });
    expect(await store.read(readSealed)).toEqual(AS_WRITTEN);
    await store.close();
    expect(found()).toEqual([]);
  },
);

test("its files are its owner's alone, whatever the folder is, the process makes files with, or they were", async () => {
  const umask = process.umask(0);
  const rights = () => readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
  try {
    chmodSync(folder, 0o777);
    for (let time = 0; time < 2; time++) {
      const store = await openStore({ location: file, now: START, keys: TEST_KEYS });
      await store.transaction((tx) => tx.saveSetting("one", time));
      // The shared memory of the log is there when the file was opened before.
      expect(rights().map(([name]) => name)).toEqual(expect.arrayContaining(["carabiner.db", "carabiner.db-wal"]));
      expect(new Set(rights().map(([, mode]) => mode))).toEqual(new Set([0o600]));
      await store.close();
      chmodSync(file, 0o666);
    }
  } finally {
    process.umask(umask);
  }
});
