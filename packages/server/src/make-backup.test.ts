import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { START, TEST_KEYS } from "../test/store/store-fixture.ts";
import { makeBackup } from "./make-backup.ts";
import { BackupInterrupted } from "./store/contract/back-up.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-make-backup-"));
  store = await openStore({ location: join(folder, "carabiner.db"), now: START, keys: TEST_KEYS });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const backups = () => readdirSync(folder).filter((name) => name.startsWith("backup"));

/** A store whose copies are changed by the disk they are on. */
const onDisk = (change: (file: string) => void): Store => ({
  ...store,
  async backUp(file) {
    await store.backUp?.(file);
    change(file);
  },
});

test("a copy that is whole gets its name", async () => {
  const made = await makeBackup(
    onDisk(() => undefined),
    join(folder, "backup.db"),
  );
  expect(made).toMatchObject({ accounts: 0, bytes: readFileSync(join(folder, "backup.db")).length });
  expect(backups()).toEqual(["backup.db"]);
});

test.each([
  ["is damaged", (bytes: Buffer) => bytes.fill(0x5a, bytes.length / 2)],
  ["ends early", (bytes: Buffer) => bytes.subarray(0, bytes.length - 8_192)],
  ["is empty", () => Buffer.alloc(0)],
])("a copy that %s is no backup: it is refused and removed", async (_, change) => {
  const disk = onDisk((file) => writeFileSync(file, change(readFileSync(file))));
  await expect(makeBackup(disk, join(folder, "backup.db"))).rejects.toMatchObject({ error: "backup_failed_check", status: 500 });
  expect(backups()).toEqual([]);
});

test.each([
  ["below a file", () => join(folder, "carabiner.db", "backup.db"), "a part of its path is not a folder (ENOTDIR)"],
  ["in a folder that is not there", () => join(folder, "none", "backup.db"), "there is no such file or folder (ENOENT)"],
  ["of too long a name", () => join(folder, `backup${"x".repeat(300)}`), "its name is too long (ENAMETOOLONG)"],
])("a backup %s is refused with the reason in words", async (_, place, reason) => {
  const file = place();
  await expect(makeBackup(store, file)).rejects.toMatchObject({ status: 400, message: `Cannot write ${file}: ${reason}.`, param: "file" });
  expect(backups()).toEqual([]);
});

test("a copy that the server's end interrupts leaves nothing", async () => {
  const disk = onDisk(() => {
    throw new BackupInterrupted();
  });
  await expect(makeBackup(disk, join(folder, "backup.db"))).rejects.toMatchObject({ error: "backup_interrupted", status: 503 });
  expect(backups()).toEqual([]);
});
