import type { Pool } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { StoreUnavailable } from "../../store.ts";
import { ConnectionTurns } from "./connection-turns.ts";
import { openPool } from "./open-pool.ts";

let database: TestDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = await openPool({ url: database.url, connections: 1, connectMs: 5_000, answerMs: 5_000, endMs: 5_000 });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const turnsOf = (waitMs: number) =>
  new ConnectionTurns({ pool, connections: 1, waitMs, refusal: () => new StoreUnavailable("too many calls wait") });

test("clients that wait take turns, and each has its own order", async () => {
  const turns = turnsOf(0);
  const held = await turns.take("many");
  const served: string[] = [];
  const use = async (client: string, name: string): Promise<void> => {
    const connection = await turns.take(client);
    served.push(name);
    turns.giveBack(connection);
  };
  const all = [use("many", "many1"), use("many", "many2"), use("many", "many3"), use("few", "few1"), use("few", "few2")];
  turns.giveBack(held);
  await Promise.all(all);
  expect(served).toEqual(["many1", "few1", "many2", "few2", "many3"]);
});

test("a client that waits too long is refused, and does not take a turn from the next", async () => {
  const turns = turnsOf(20);
  const held = await turns.take("a");
  await expect(turns.take("b")).rejects.toThrow("too many calls wait");
  const next = turns.take("c");
  turns.giveBack(held);
  turns.giveBack(await next);
  turns.giveBack(await turns.take("d"));
});

test("all that wait are refused at once when there is no use in waiting", async () => {
  const turns = turnsOf(0);
  const held = await turns.take("a");
  const waiting = [turns.take("b"), turns.take("c")];
  turns.refuse(new StoreUnavailable("gone"));
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  turns.giveBack(held);
  turns.giveBack(await turns.take("d"));
});

test("a connection that cannot be made leaves its place", async () => {
  const nobody = await openPool({ url: database.url, connections: 1, connectMs: 5_000, answerMs: 5_000, endMs: 5_000 });
  await nobody.end();
  const turns = new ConnectionTurns({ pool: nobody, connections: 1, waitMs: 0, refusal: () => new StoreUnavailable("full") });
  await expect(turns.take("a")).rejects.toThrow("after calling end");
  await expect(turns.take("b")).rejects.toThrow("after calling end");
});
