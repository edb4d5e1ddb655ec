import { expect, test } from "vitest";
import { refusalOf } from "./may-not-run.ts";

test.each([
  "COMMIT",
  "SELECT 1; COMMIT",
  "INSERT INTO effects VALUES ('it''s; kept'); /* ; */ rollback",
  "SELECT $a$ ; $b$ $a$; -- one\n END",
  "SELECT E'\\'; SELECT'; COMMIT; --'",
  "ROLLBACK TO mine; ROLLBACK AND CHAIN",
  "SELECT 1; PREPARE TRANSACTION 'one'",
])("%s would end the transaction", (statement) => {
  const says = expect.stringContaining("leaves BEGIN, COMMIT and ROLLBACK to the receiver");
  expect([refusalOf(statement), refusalOf({ text: statement })]).toEqual([says, says]);
});

test.each([
  "SET statement_timeout = 5",
  "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
  "SELECT 1; set role other",
  "RESET ALL",
  "LISTEN payouts",
  "PREPARE mine AS SELECT 1",
  "DEALLOCATE ALL",
  "DECLARE c CURSOR\n WITH HOLD FOR SELECT 1",
  "CREATE TEMP TABLE rows (n int)",
  "CREATE OR REPLACE TEMPORARY VIEW seen AS SELECT 1",
  "SELECT 1 AS n INTO TEMP rows",
  "SELECT pg_advisory_lock(hashtext($1))",
  "SELECT pg_try_advisory_lock_shared (1)",
  "SELECT set_config('app.tenant', $1, false)",
])("%s would stay on the client", (statement) => {
  expect(refusalOf(statement)).toContain("goes back to the pool");
});

test.each([
  "INSERT INTO effects VALUES ('; COMMIT')",
  'SELECT \'BEGIN\', "set" FROM "a;COMMIT"',
  "UPDATE effects SET name = $1",
  "INSERT INTO effects VALUES ($1) ON CONFLICT DO UPDATE\n SET name = 'SET x'",
  "SELECT CASE WHEN true THEN 1 END; SELECT 2",
  "SAVEPOINT mine; ROLLBACK TO SAVEPOINT mine; RELEASE mine",
  "SET LOCAL statement_timeout = 5",
  "SET CONSTRAINTS ALL DEFERRED",
  "SET TRANSACTION READ WRITE",
  "SELECT pg_advisory_xact_lock(1), pg_advisory_unlock(1)",
  "SELECT set_config('app.tenant', $1, true)",
  "CREATE TEMP TABLE rows (n int) ON COMMIT DROP",
  "DECLARE c CURSOR FOR SELECT 1",
  "DO $$ BEGIN PERFORM 1; END $$",
  "CREATE FUNCTION one() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT 1; END",
  "SELECT $1; -- COMMIT",
])("%s may run", (statement) => {
  expect(refusalOf(statement)).toBeNull();
});

test.each([undefined, null, 5, {}, { text: 5 }, { text: "SELECT 1", values: ["COMMIT"] }])("%j has nothing to refuse", (statement) => {
  expect(refusalOf(statement)).toBeNull();
});
