import { copyFileSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreUnavailable } from "../../store.ts";
import { SqliteConnection } from "./connection.ts";
import { FileInPlace } from "./file-in-place.ts";
import { GroupCommit } from "./group-commit.ts";
import { openDatabase } from "./open-database.ts";

let folder = "";
let path = "";
let commits: GroupCommit;
const write = (): Promise<number> => commits.run((scope) => scope.run("INSERT INTO notes VALUES (1)"));
const count = (): Promise<unknown> => commits.run((scope) => scope.get("SELECT count(*) AS count FROM notes")?.count);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-place-"));
  path = join(folder, "carabiner.db");
  const database = openDatabase(path);
  database.exec("CREATE TABLE notes (n INTEGER)");
  const numbers = { turn: 0, event: 0, delivery: 0, eventTime: 0 };
  commits = new GroupCommit(new SqliteConnection(database), numbers, { inPlace: new FileInPlace(path) });
  await write();
});
afterEach(async () => {
  await commits.close();
  rmSync(folder, { recursive: true });
});

test.each(["carabiner.db", "carabiner.db-wal"])(
  "once %s is away nothing more is stored, reads continue, and it may come back",
  async (name) => {
    renameSync(join(folder, name), join(folder, "away"));
    await expect(write()).rejects.toThrow(
      new StoreUnavailable(`Nothing can be stored: ${join(folder, name)} was removed or replaced while the server runs.`),
    );
    await expect(write()).rejects.toThrow(StoreUnavailable);
    expect(await count()).toBe(1);
    renameSync(join(folder, "away"), join(folder, name));
    await write();
    expect(await count()).toBe(2);
  },
);

test("once another file has its name nothing more is stored, as when a backup was put in its place", async () => {
  copyFileSync(path, join(folder, "copy"));
  renameSync(join(folder, "copy"), path);
  await expect(write()).rejects.toThrow(StoreUnavailable);
});

test("what is in its place is written", async () => {
  for (let times = 0; times < 3; times++) {
    await write();
  }
  expect(await count()).toBe(4);
});
