import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { syncSettings } from "./sync-settings.ts";

test.each([
  ["darwin", { fullfsync: 1, checkpoint_fullfsync: 1 }],
  ["linux", { fullfsync: 0, checkpoint_fullfsync: 0 }],
  ["win32", { fullfsync: 0, checkpoint_fullfsync: 0 }],
] as const)("on %s SQLite takes %o", (platform, expected) => {
  const database = new DatabaseSync(":memory:");
  database.exec(syncSettings(platform));
  const actual = (name: string) => database.prepare(`PRAGMA ${name}`).get()?.[name];
  expect({ fullfsync: actual("fullfsync"), checkpoint_fullfsync: actual("checkpoint_fullfsync") }).toEqual(expected);
  database.close();
});
