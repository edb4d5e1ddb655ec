import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { START } from "../test/store/store-fixture.ts";
import { keysOfFile } from "./key-file.ts";
import { makeBackup } from "./make-backup.ts";
import { RestoreRefused, restoreBackup } from "./restore-backup.ts";
import { openStore } from "./store/open-store.ts";
import { underWayFileOf } from "./store/sqlite/deliveries/under-way-file.ts";

let folder: string;
let from: string;
let to: string;
let secretKeys: { file: string };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-restore-"));
  from = join(folder, "backup.db");
  mkdirSync(join(folder, "there"));
  to = join(folder, "there", "carabiner.db");
  secretKeys = { file: join(folder, "secrets.key") };
  const keys = keysOfFile(secretKeys.file, { make: true });
  const store = await openStore({ location: join(folder, "carabiner.db"), now: START, keys });
  await makeBackup(store, from);
  await store.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

const there = () => readdirSync(join(folder, "there"));

test("a backup is put there whole, for its owner alone, whoever may read the backup, and nothing beside it", () => {
  chmodSync(from, 0o644);
  expect(restoreBackup({ from, to, secretKeys })).toMatchObject({ accounts: 0, pending: 0 });
  expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
  expect(statSync(to).mode & 0o777).toBe(0o600);
  expect(there()).toEqual(["carabiner.db"]);
});

test.each([
  ["the database", (file: string) => file],
  ["its log", (file: string) => `${file}-wal`],
  ["its journal", (file: string) => `${file}-journal`],
  ["the note of what was under way", underWayFileOf],
])("no backup is put where there is %s, which would go with it", (_, beside) => {
  writeFileSync(beside(to), "kept");
  expect(() => restoreBackup({ from, to, secretKeys })).toThrow(
    new RestoreRefused(`${beside(to)} already exists. Restore into a folder that has no database.`),
  );
  expect(readFileSync(beside(to), "utf8")).toBe("kept");
  expect(there()).toHaveLength(1);
});

test("a link that leads nowhere is in its place too, and nothing is written where it leads", () => {
  const elsewhere = join(folder, "elsewhere.db");
  symlinkSync(elsewhere, to);
  expect(() => restoreBackup({ from, to, secretKeys })).toThrow(RestoreRefused);
  expect([existsSync(elsewhere), there()]).toEqual([false, ["carabiner.db"]]);
});
