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

const found = (id = 1) => connection.known("key", String(id), () => connection.all(FIND, [id]));
const named = () => found().map(({ name }) => name);

test("what was found is known, for each question and each key", () => {
  expect(named()).toEqual(["one"]);
  expect(found()).toBe(found());
  expect(found(2)).toEqual([]);
  expect(connection.known("another question", "1", () => "another answer")).toBe("another answer");
  connection.run("INSERT INTO others VALUES (1)");
  expect(found()).toBe(found());
});

test("that nothing was found is known too", () => {
  let asked = 0;
  const nothing = () => connection.known("key", "2", () => (asked++ === 0 ? null : "too late"));
  expect([nothing(), nothing(), asked]).toEqual([null, null, 1]);
});

test("what was found is shared, and refuses to be changed", () => {
  const key = connection.known("key in parts", "1", () => ({ names: ["one"], grant: { scope: "read_only" } }));
  expect(() => key.names.push("two")).toThrow(TypeError);
  expect(() => Object.assign(key.grant, { scope: "read_write" })).toThrow(TypeError);
  expect(() => Object.assign(key, { names: [] })).toThrow(TypeError);
});

test("more than is kept makes it forget, and it finds again", () => {
  let asked = 0;
  const ask = (key: number) => connection.known("key", String(key), () => ++asked);
  for (let key = 0; key < 10_000; key++) ask(key);
  ask(9_999);
  expect(asked).toBe(10_000);
  ask(0);
  expect(asked).toBe(10_001);
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
