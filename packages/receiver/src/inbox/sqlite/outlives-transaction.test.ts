import { expect, test } from "vitest";
import { outlivesTransaction } from "./outlives-transaction.ts";

test.each([
  "PRAGMA query_only = ON",
  "pragma main.journal_mode=DELETE",
  'PRAGMA "query_only" = ON',
  "PRAGMA[main].[query_only]=1",
  "PRAGMA/* a */query_only/* b */= -- c\n ON",
  "/* mine */ PRAGMA locking_mode(EXCLUSIVE)",
  "; -- mine\nATTACH 'other.db' AS other",
  "DETACH other",
  "create /* a */ TEMP TABLE rows (n)",
  "CREATE TEMPORARY VIEW seen AS SELECT 1",
])("%s changes the connection for those that follow", (statement) => {
  expect(outlivesTransaction(statement)).toBe(true);
});

test.each([
  "PRAGMA journal_mode",
  "PRAGMA table_info(effects)",
  "PRAGMA 'table_info'(effects)",
  "PRAGMA TABLE_INFO(effects)",
  "PRAGMA defer_foreign_keys = ON",
  "PRAGMA main.user_version = 3",
  "INSERT INTO effects VALUES ('PRAGMA query_only = ON')",
  "SELECT * FROM attached",
  "CREATE TABLE temperatures (n)",
])("%s does not", (statement) => {
  expect(outlivesTransaction(statement)).toBe(false);
});
