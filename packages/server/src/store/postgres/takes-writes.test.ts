import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../../../../../scripts/test-database.ts";
import { TEST_SECRET } from "../../../test/store/store-fixture.ts";
import { startCarabiner } from "../../index.ts";

test("a server on a database that is set to take no writes is not ready at once, and is again when it takes them", async () => {
  const database = await createTestDatabase();
  const name = new URL(database.url).pathname.slice(1);
  const server = await startCarabiner({
    store: { url: database.url },
    secretKeys: { keys: TEST_SECRET },
    // No beat fails within the test: the database alone says it.
    limits: { nodeBeatMs: 600_000, nodeGoneMs: 3_600_000 },
  });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const setting = async (value: "on" | "off"): Promise<void> => {
    await client.query("SET default_transaction_read_only = off");
    await client.query(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`);
    // It is a connection's from its beginning on.
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()", [name]);
  };
  const ready = async (): Promise<[number, object]> => {
    const answer = await fetch(`${server.url}/readyz`);
    return [answer.status, (await answer.json()) as object];
  };
  try {
    expect(await ready()).toEqual([200, { status: "ok" }]);
    await setting("on");
    await expect.poll(ready).toEqual([503, { status: "unavailable", reason: "Nothing can be stored: the database takes no writes." }]);
    await setting("off");
    await expect.poll(ready).toEqual([200, { status: "ok" }]);
  } finally {
    await server.close();
    await client.end();
    await database.drop();
  }
});
