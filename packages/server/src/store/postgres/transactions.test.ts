import pg, { type Pool } from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startGate } from "../../../../../scripts/tcp-gate.ts";
import { createTestDatabase, type TestDatabase } from "../../../../../scripts/test-database.ts";
import { StoreUnavailable, UnfitDatabase } from "../store.ts";
import { openPool } from "./open-pool.ts";
import type { Session } from "./session.ts";
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

async function transactionsOn(url: string, { connections, waiting }: { connections: number; waiting: number }): Promise<Transactions> {
  const pool = await openPool({ url, connections, connectMs: 200, answerMs: 200, endMs: 200 });
  pools.push(pool);
  const explain = async (session: Session) => {
    const row = await session.get("SELECT to_regclass('reason') AS reason");
    if (row?.reason !== null) throw new UnfitDatabase("that is why");
  };
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
    const transactions = await transactionsOn(database.url, { connections: 1, waiting: 10 });
    const { done, letGo } = held(transactions);
    await expect(one(transactions)).rejects.toThrow("too many calls wait");
    // If it counted as gone, the first of two would probe it and the second fail at once.
    const waiting = Promise.all([one(transactions), one(transactions)]);
    letGo();
    await done;
    expect(await waiting).toEqual([1, 1]);
  });

  test("calls beyond those that may wait are refused at once", async () => {
    const transactions = await transactionsOn(database.url, { connections: 1, waiting: 2 });
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

describe("a commit whose answer is lost", () => {
  test("is uncertain when it changed something, and not when it only looked", async () => {
    const gate = await startGate(database.url);
    const transactions = await transactionsOn(gate.url, { connections: 2, waiting: 2 });
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
    const transactions = await transactionsOn(gate.url, { connections: 2, waiting: 2 });
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
