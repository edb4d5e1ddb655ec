import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import { SqliteConnection } from "./connection.ts";

const FIND = "SELECT name FROM keys WHERE id = ?";
let connection: SqliteConnection;
beforeEach(() => {
  connection = new SqliteConnection(new DatabaseSync(":memory:"));
  connection.run("CREATE TABLE keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT");
  connection.run("CREATE TABLE others (id INTEGER PRIMARY KEY) STRICT");
  connection.run("INSERT INTO keys VALUES (1, 'one')");
});

const named = () => connection.allKnown(FIND, [1]).map(({ name }) => name);

test("what was read is known, for each value and each statement", () => {
  expect(named()).toEqual(["one"]);
  expect(connection.allKnown(FIND, [1])).toBe(connection.allKnown(FIND, [1]));
  expect(connection.allKnown(FIND, [2])).toEqual([]);
  connection.run("INSERT INTO others VALUES (1)");
  expect(connection.allKnown(FIND, [1])).toBe(connection.allKnown(FIND, [1]));
});

test.each([
  ["UPDATE keys SET name = 'two'", ["two"]],
  ["DELETE FROM keys", []],
  ["INSERT OR REPLACE INTO keys VALUES (1, 'three')", ["three"]],
])("%s is seen at once", (sql, names) => {
  expect(named()).toEqual(["one"]);
  connection.run(sql);
  expect(named()).toEqual(names);
});

test("what was taken back is not known any more", () => {
  connection.run("BEGIN");
  connection.run("UPDATE keys SET name = 'two'");
  expect(named()).toEqual(["two"]);
  connection.run("ROLLBACK");
  expect(named()).toEqual(["one"]);
  connection.run("BEGIN");
  connection.run("SAVEPOINT work");
  connection.run("UPDATE keys SET name = 'two'");
  expect(named()).toEqual(["two"]);
  connection.run("ROLLBACK TO work");
  expect(named()).toEqual(["one"]);
});

test("after a statement that failed nothing is known: it may have ended the transaction", () => {
  connection.run("BEGIN");
  connection.run("UPDATE keys SET name = 'two'");
  expect(named()).toEqual(["two"]);
  expect(() => connection.run("INSERT OR ROLLBACK INTO others VALUES (1), (1)")).toThrow();
  expect(connection.inTransaction).toBe(false);
  expect(named()).toEqual(["one"]);
});
