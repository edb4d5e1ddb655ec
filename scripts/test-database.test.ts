import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "./test-database.ts";

test("a test gets a database of its own, of a PostgreSQL that is new enough, and leaves nothing behind", async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  expect(one.url).not.toBe(other.url);
  const client = new pg.Client({ connectionString: one.url });
  await client.connect();
  await client.query("CREATE TABLE mine (id int)");
  const { rows } = await client.query("SELECT current_setting('server_version_num')::int AS version");
  expect(rows[0].version).toBeGreaterThanOrEqual(140_000);
  await client.end();
  await Promise.all([one.drop(), other.drop()]);
  await expect(new pg.Client({ connectionString: one.url }).connect()).rejects.toThrow(/does not exist/);
});

test("a database is dropped once those have left that are leaving, and whoever stays", async () => {
  const database = await createTestDatabase();
  const [leaving, staying] = [1, 2].map(() => new pg.Client({ connectionString: database.url })) as [pg.Client, pg.Client];
  const errors: string[] = [];
  staying.on("error", ({ message }) => errors.push(message));
  await leaving.connect();
  await staying.connect();
  const left = leaving.query("SELECT pg_sleep(0.2)").then(() => leaving.end());
  await database.drop();
  await left;
  expect(errors[0]).toContain("terminating connection");
});
