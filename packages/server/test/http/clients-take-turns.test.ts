import { afterEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, startCarabiner } from "../../src/index.ts";

let server: Carabiner | null = null;
let database: TestDatabase | null = null;
afterEach(async () => {
  await server?.close();
  await database?.drop();
  database = null;
});

/** On PostgreSQL one connection serves all, however long that takes on a busy machine. */
const stores = {
  sqlite: async () => startCarabiner({ limits: { fileGroupMs: 0 } }),
  postgres: async () => {
    database = await createTestDatabase();
    return startCarabiner({ store: { url: database.url }, limits: { databaseConnections: 1, databaseConnectMs: 60_000 } });
  },
};

test.each(["sqlite", "postgres"] as const)("behind many calls of one client another waits for a few, not for all: %s", async (store) => {
  server = await stores[store]();
  const { url, keys } = server;
  const answered: string[] = [];
  const list = async (key: string, name: string): Promise<void> => {
    const response = await fetch(`${url}/v1/customers`, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(200);
    await response.text();
    answered.push(name);
  };
  const many = Array.from({ length: 200 }, () => list(keys.test.secret, "many"));
  await Promise.race(many);
  await list(keys.live.secret, "other");
  await Promise.all(many);
  // In the order in which they came, the other client's call would be the last.
  expect(answered.length - answered.indexOf("other")).toBeGreaterThan(50);
});

const visited = [
  ["a hosted page", "/checkout/cs_test_1", 404],
  ["the dashboard's session", "/console/session", 200],
] as const;

test.each(visited)("many visitors of %s do not hold up the server's own work", async (_name, path, status) => {
  server = await startCarabiner({ limits: { fileGroupMs: 0 } });
  const { url } = server;
  const answered: string[] = [];
  const visit = async (): Promise<void> => {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(status);
    await response.text();
    answered.push("visitor");
  };
  const many = Array.from({ length: 200 }, visit);
  await Promise.race(many);
  // The server looks into its store.
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  answered.push("server");
  await Promise.all(many);
  expect(answered.length - answered.indexOf("server")).toBeGreaterThan(50);
});
