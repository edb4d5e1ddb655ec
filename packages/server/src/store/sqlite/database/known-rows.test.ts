import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { numberedRequest } from "../../../../test/store/numbered-request.ts";
import { START, storeFixture } from "../../../../test/store/store-fixture.ts";
import { openStore } from "../../open-store.ts";
import { type IdentityQuestion, SqliteConnection } from "./connection.ts";
import { IDENTITY_QUESTIONS } from "./known-rows.ts";

const FIND = "SELECT name FROM keys WHERE id = ?";
const FIND_ACCOUNT = "SELECT data FROM accounts WHERE id = ?";
let connection: SqliteConnection;
beforeEach(() => {
  connection = new SqliteConnection(new DatabaseSync(":memory:"));
  connection.run("CREATE TABLE keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT");
  connection.run("CREATE TABLE accounts (id TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT");
  connection.run("CREATE TABLE connections (account_id TEXT) STRICT");
  connection.run("CREATE TABLE others (id INTEGER PRIMARY KEY) STRICT");
  connection.run("INSERT INTO keys VALUES (1, 'one')");
});

afterEach(() => vi.restoreAllMocks());

const found = (id = 1) => connection.known("key", String(id), () => connection.all(FIND, [id]));
const named = () => found().map(({ name }) => name);

test("results are known for each question and each key", () => {
  expect(named()).toEqual(["one"]);
  expect(found()).toBe(found());
  expect(found(2)).toEqual([]);
  expect(connection.known("endpoints", "1", () => "another answer")).toBe("another answer");
  connection.run("INSERT INTO others VALUES (1)");
  expect(found()).toBe(found());
});

test("that nothing was found is known too", () => {
  let asked = 0;
  const nothing = () => connection.known("key", "2", () => (asked++ === 0 ? null : "too late"));
  expect([nothing(), nothing(), asked]).toEqual([null, null, 1]);
});

test("results are shared, and cannot be changed", () => {
  const key = connection.known("key", "in parts", () => ({ names: ["one"], grant: { scope: "read_only" } }));
  expect(() => key.names.push("two")).toThrow(TypeError);
  expect(() => Object.assign(key.grant, { scope: "read_write" })).toThrow(TypeError);
  expect(() => Object.assign(key, { names: [] })).toThrow(TypeError);
});

test("above its size it forgets results that were not used recently, and finds them again", () => {
  let asked = 0;
  const ask = (key: number) => connection.known("key", String(key), () => ++asked);
  for (let key = 0; key < 100_000; key++) {
    ask(key);
    if (key % 1_000 === 0) ask(0);
  }
  expect(asked).toBe(100_000);
  ask(99_999);
  ask(0);
  expect(asked).toBe(100_000);
  ask(1);
  expect(asked).toBe(100_001);
});

test("as much is kept as takes some tens of megabytes, however much an answer reads", () => {
  connection.run("INSERT INTO accounts VALUES ('acct_1', ?)", ["x".repeat(100_000)]);
  let asked = 0;
  const ask = (key: number) =>
    connection.known("account", String(key), () => {
      asked++;
      return connection.known("version", String(key), () => connection.get(FIND_ACCOUNT, ["acct_1"]));
    });
  for (let key = 0; key < 400; key++) ask(key);
  // A key has two answers of 300 kB: 30 MB have room for fewer than 100.
  for (let key = 380; key < 400; key++) ask(key);
  expect(asked).toBe(400);
  for (let key = 0; key < 300; key++) ask(key);
  expect(asked).toBe(700);
});

test("what is known since before a turn is forgotten when it changes", () => {
  expect(named()).toEqual(["one"]);
  for (let key = 0; key < 31_000; key++) connection.known("endpoints", String(key), () => key);
  expect(named()).toEqual(["one"]);
  connection.run("UPDATE keys SET name = 'two'");
  expect(named()).toEqual(["two"]);
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

test("a change of one table leaves known what was read from others", () => {
  const [key, subscribers] = [found(), connection.known("subscribers", "acct_1", () => ({ of: 1 }))];
  connection.run("INSERT INTO connections VALUES ('acct_1')");
  expect(found()).toBe(key);
  expect(connection.known("subscribers", "acct_1", () => ({ of: 2 }))).not.toBe(subscribers);
});

const account = (id: string) => connection.known("account", id, () => connection.get(FIND_ACCOUNT, [id]) ?? null);

test.each([
  ["INSERT INTO accounts VALUES (?, ?)", ["acct_2", "new"], "new"],
  ["UPDATE accounts SET data = ? WHERE id = ?", ["changed", "acct_1"], "changed"],
  ["DELETE FROM accounts WHERE id = ?", ["acct_1"], undefined],
])("%s makes it forget the account that it names, and no other", (sql, values, data) => {
  for (const id of ["acct_1", "acct_3"]) connection.run("INSERT INTO accounts VALUES (?, 'old')", [id]);
  const changed = values.find((value) => value.startsWith("acct_")) ?? "";
  account(changed);
  const kept = account("acct_3");
  connection.run(sql, values);
  expect(account(changed)?.data).toBe(data);
  expect(account("acct_3")).toBe(kept);
});

test.each([
  ["UPDATE accounts SET data = ?", ["changed"]],
  ["UPDATE accounts SET data = ? WHERE id IN (SELECT 'acct_1' WHERE 'x' = ?)", ["changed", "x"]],
  ["UPDATE accounts SET data = ? WHERE id = 'acct_1' OR id = ?", ["changed", "acct_2"]],
  ["INSERT OR REPLACE INTO accounts VALUES ('acct_1', ?)", ["changed"]],
])("%s makes it forget all accounts", (sql, values) => {
  connection.run("INSERT INTO accounts VALUES ('acct_1', 'old')");
  expect(account("acct_1")?.data).toBe("old");
  connection.run(sql, values);
  expect(account("acct_1")?.data).toBe("changed");
});

test("rolled back results are no longer known", () => {
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

test("every answer is read from the tables that its question names", async () => {
  const asking: IdentityQuestion[] = [];
  const read = new Map<IdentityQuestion, Set<string>>();
  const { known, get, all } = SqliteConnection.prototype;
  vi.spyOn(SqliteConnection.prototype, "known").mockImplementation(function (this: SqliteConnection, question, key, find) {
    return known.call(this, question, key, () => {
      asking.push(question);
      const value = find();
      asking.pop();
      return value;
    });
  });
  const note = (sql: string): void => {
    for (const question of asking) {
      const tables = read.get(question) ?? new Set();
      for (const [, table = ""] of sql.matchAll(/\b(?:FROM|JOIN) (\w+)/g)) tables.add(table);
      read.set(question, tables);
    }
  };
  vi.spyOn(SqliteConnection.prototype, "get").mockImplementation(function (this: SqliteConnection, sql, values) {
    note(sql);
    return get.call(this, sql, values);
  });
  vi.spyOn(SqliteConnection.prototype, "all").mockImplementation(function (this: SqliteConnection, sql, values) {
    note(sql);
    return all.call(this, sql, values);
  });

  const make = storeFixture();
  const store = await openStore({ location: "memory", now: START });
  const { id } = make.account();
  const [endpoint] = await make.endpoints(store, 1, { accountId: id });
  await store.transaction(async (tx) => {
    await tx.subscribers(id);
    await tx.account(id);
    await tx.connections(id, id);
    await tx.keyByHash("hash");
    for (const livemode of [false, true]) await tx.application(id, livemode);
    await tx.platformSettings(id);
  });
  if (endpoint !== undefined) await make.owe(store, endpoint, 1);
  await store.requests.insert([numberedRequest(1)]);
  await store.close();
  const named = Object.entries(IDENTITY_QUESTIONS).map(([question, { reads }]) => [question, [...reads]]);
  expect(Object.fromEntries([...read].map(([question, tables]) => [question, [...tables].sort()]))).toEqual(Object.fromEntries(named));
});
