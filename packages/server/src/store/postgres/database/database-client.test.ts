import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { BEGIN, Transactions } from "../transactions/transactions.ts";
import { openPool } from "./open-pool.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (options: { type: "minor" | "major" }) => void;

/** What has outlived two collections of the young generation, bytes. */
function old(): number {
  collect({ type: "minor" });
  collect({ type: "minor" });
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space")?.space_used_size ?? 0;
}

test("the next collection of the young generation frees what a statement needed", async () => {
  const pool = await openPool({ url: database.url, connections: 4, kept: 2, connectMs: 5_000, answerMs: 5_000, endMs: 1_000 });
  const transactions = new Transactions({ pool, connections: 4, waiting: 4, explain: async () => undefined });
  const both = async () => {
    await transactions.ask(BEGIN.looking, "SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d, $1::text AS e", "five");
    await transactions.run(BEGIN.committed, (session) => session.all("SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d, $1::text AS e", "six"));
  };
  const some = async () => {
    for (let n = 0; n < 1_000; n++) await both();
    return old();
  };
  collect({ type: "major" });
  await some();
  const before = await some();
  const grown = (await some()) - before;
  await transactions.close();
  // 5 MB and more when they stay, each with its descriptions of columns, its timer and its promises.
  expect(grown).toBeLessThan(2_000_000);
});
