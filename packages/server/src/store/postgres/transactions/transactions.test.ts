import pg, { type Pool } from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startGate } from "../../../../../../scripts/tcp-gate.ts";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { StoreUnavailable, UnfitDatabase } from "../../store.ts";
import { openPool } from "../database/open-pool.ts";
import type { Session } from "../database/session.ts";
import { checkSchema } from "../schema/schema-mark.ts";
import { BEGIN, Transactions } from "./transactions.ts";

let database: TestDatabase;
let pools: Pool[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  pools = [];
  await database.drop();
});

async function explainByReason(session: Session): Promise<void> {
  const row = await session.get("SELECT to_regclass('reason') AS reason");
  if (row?.reason !== null) throw new UnfitDatabase("that is why");
}

async function transactionsOn(
  url: string,
  {
    connections,
    waiting,
    ms = 5_000,
    explain = explainByReason,
  }: { connections: number; waiting: number; ms?: number; explain?: typeof explainByReason },
): Promise<Transactions> {
  const pool = await openPool({ url, connections, connectMs: ms, answerMs: ms, endMs: ms });
  pools.push(pool);
  return new Transactions({ pool, connections, waiting, explain });
}

const one = (transactions: Transactions) => transactions.run(BEGIN.looking, async (session) => (await session.get("SELECT 1 AS one"))?.one);

/** Work that continues until it is released. */
function held(transactions: Transactions): { done: Promise<void>; letGo(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { done: transactions.run(BEGIN.looking, () => promise), letGo: resolve };
}

describe("when all connections are in use", () => {
  test("a call that waits too long is refused, and the database is not taken for gone", async () => {
    const transactions = await transactionsOn(database.url, { connections: 1, waiting: 10, ms: 200 });
    const { done, letGo } = held(transactions);
    await expect(one(transactions)).rejects.toThrow("too many calls wait");
    // If it counted as gone, the first of two would probe it and the second fail at once.
    const waiting = Promise.all([one(transactions), one(transactions)]);
    letGo();
    await done;
    expect(await waiting).toEqual([1, 1]);
  });

  test("calls beyond those that may wait are refused at once", async () => {
    const transactions = await transactionsOn(database.url, { connections: 1, waiting: 2, ms: 200 });
    const { done, letGo } = held(transactions);
    const waiting = [one(transactions), one(transactions)];
    await expect(one(transactions)).rejects.toThrow(StoreUnavailable);
    letGo();
    await done;
    expect(await Promise.all(waiting)).toEqual([1, 1]);
    expect(await one(transactions)).toBe(1);
  });
});

test("what fails as nothing should is explained, if there is a reason, and is thrown as it is otherwise", async () => {
  const transactions = await transactionsOn(database.url, { connections: 1, waiting: 1 });
  const broken = () => transactions.run(BEGIN.committed, async (session) => void (await session.run("INSERT INTO nowhere VALUES (1)")));
  await expect(broken()).rejects.toMatchObject({ code: "42P01" });
  await transactions.run(BEGIN.committed, async (session) => void (await session.run("CREATE TABLE reason (n integer)")));
  await expect(broken()).rejects.toThrow("that is why");
});

describe("a database that is taken away while it is used", () => {
  const add = (transactions: Transactions) =>
    transactions.run(BEGIN.serializable, async (session) => void (await session.run("INSERT INTO kept VALUES (1)")));

  /** Runs statements as the owner of the server, on another database. */
  async function asOwner(...statements: string[]): Promise<void> {
    const url = new URL(database.url);
    url.pathname = "/postgres";
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  test("is unavailable while it is gone or empty, and used again once it is back", async () => {
    const transactions = await transactionsOn(database.url, { connections: 1, waiting: 1, explain: checkSchema });
    const name = new URL(database.url).pathname.slice(1);
    await database.drop();
    await expect(add(transactions)).rejects.toMatchObject({
      name: "StoreUnavailable",
      message: expect.stringContaining("no such database"),
    });
    await asOwner(`CREATE DATABASE ${name}`);
    await expect(add(transactions)).rejects.toMatchObject({
      name: "StoreUnavailable",
      message: expect.stringContaining("no tables of Carabiner's"),
    });
    const made = transactions.run(BEGIN.committed, async (session) => void (await session.run("CREATE TABLE kept (n integer)")));
    await expect(made).resolves.toBeUndefined();
    await expect(add(transactions)).resolves.toBeUndefined();
  });

  test("is refused when an older one has taken its place", async () => {
    const transactions = await transactionsOn(database.url, { connections: 1, waiting: 1, explain: checkSchema });
    const make = "CREATE TABLE migrations AS SELECT 1 AS version, 1 AS oldest";
    await transactions.run(BEGIN.committed, async (session) => void (await session.run(make)));
    await expect(add(transactions)).rejects.toMatchObject({ name: "UnfitDatabase", message: expect.stringContaining("took its place") });
  });

  test("is unavailable to a user whose rights were taken, and it is certain that nothing was stored", async () => {
    const owner = await transactionsOn(database.url, { connections: 1, waiting: 1 });
    await owner.ask(BEGIN.committed, "CREATE TABLE kept (n integer)");
    const role = `reader_${new URL(database.url).pathname.slice(-12)}`;
    await asOwner(`CREATE ROLE ${role} LOGIN PASSWORD 'reader'`);
    const url = new URL(database.url);
    url.username = role;
    url.password = "reader";
    const transactions = await transactionsOn(url.href, { connections: 1, waiting: 1, explain: checkSchema });
    const refused = { name: "StoreUnavailable", uncertain: false, message: expect.stringContaining("may not read or write") };
    await expect(add(transactions)).rejects.toMatchObject(refused);
    const single = transactions.ask(BEGIN.committed, "INSERT INTO kept VALUES (1)");
    await expect(single).rejects.toMatchObject(refused);
    const unwaited = transactions.run(BEGIN.committed, async (session) => session.send("INSERT INTO kept VALUES (1)", []));
    await expect(unwaited).rejects.toMatchObject(refused);
    await asOwner(`ALTER ROLE ${role} NOLOGIN`, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
    await expect(one(transactions)).rejects.toMatchObject({ name: "StoreUnavailable" });
    await expect(one(transactions)).rejects.toMatchObject({ message: expect.stringContaining("does not let this user in") });
    await asOwner(`DROP ROLE ${role}`);
  });
});

describe("a commit whose answer is lost", () => {
  test("is uncertain when it changed something, and not when it only looked", async () => {
    const gate = await startGate(database.url);
    const transactions = await transactionsOn(gate.url, { connections: 2, waiting: 2, ms: 200 });
    await transactions.run(BEGIN.serializable, async (session) => void (await session.run("CREATE TABLE kept (n integer)")));
    for (const [begin, uncertain] of [
      [BEGIN.serializable, true],
      [BEGIN.committed, true],
      [BEGIN.looking, false],
    ] as const) {
      gate.shutWhenSaid("COMMIT\0", "after");
      const lost = transactions.run(begin, async (session) => void (await session.get("SELECT count(*) FROM kept")));
      await expect(lost).rejects.toMatchObject({ name: "StoreUnavailable", uncertain });
      gate.open();
      expect(await one(transactions)).toBe(1);
    }
  });

  test("the same holds for a statement that is a transaction itself", async () => {
    const gate = await startGate(database.url);
    const transactions = await transactionsOn(gate.url, { connections: 2, waiting: 2, ms: 200 });
    await transactions.ask(BEGIN.committed, "CREATE TABLE kept (n integer)");
    for (const [begin, uncertain] of [
      [BEGIN.committed, true],
      [BEGIN.looking, false],
    ] as const) {
      gate.shutWhenSaid("count(*)", "after");
      const lost = transactions.ask(begin, "SELECT count(*)::integer AS n FROM kept");
      await expect(lost).rejects.toMatchObject({ name: "StoreUnavailable", uncertain });
      gate.open();
      // It is known that the database answers again.
      expect(await transactions.ask(BEGIN.looking, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
      expect(transactions.silent).toBe(false);
    }
  });

  test("what fails before is certain", async () => {
    const transactions = await transactionsOn(database.url, { connections: 1, waiting: 2 });
    const failed = transactions.run(
      BEGIN.committed,
      async (session) => void (await session.run("SELECT pg_terminate_backend(pg_backend_pid())")),
    );
    await expect(failed).rejects.toMatchObject({ name: "StoreUnavailable", uncertain: false });
  });
});

test("a statement that is a transaction itself is one message, and leaves nothing behind when it fails", async () => {
  const transactions = await transactionsOn(database.url, { connections: 1, waiting: 2 });
  const query = vi.spyOn(pg.Client.prototype, "query");
  const insert = "WITH made AS (INSERT INTO kept VALUES ($1)) SELECT 1 / $1 AS share";
  await transactions.ask(BEGIN.committed, "CREATE TABLE kept (n integer)");
  await expect(transactions.ask(BEGIN.committed, insert, 0)).rejects.toMatchObject({ code: "22012" });
  query.mockClear();
  expect(await transactions.ask(BEGIN.committed, insert, 1)).toEqual([{ share: 1 }]);
  expect(query).toHaveBeenCalledTimes(1);
  query.mockRestore();
  expect(await transactions.ask(BEGIN.looking, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
});
