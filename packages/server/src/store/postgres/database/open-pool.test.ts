import type { PoolClient } from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startGate } from "../../../../../../scripts/tcp-gate.ts";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { openPool } from "./open-pool.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

test("no connection outlives a pool that is ended while its database is silent", async () => {
  const gate = await startGate(database.url);
  const pool = await openPool({ url: gate.url, connections: 3, connectMs: 1_000, answerMs: 1_000, endMs: 100 });
  const clients = await Promise.all(Array.from({ length: 3 }, () => pool.connect()));
  for (const client of clients) client.release();
  gate.shut();
  await pool.end();
  await vi.waitFor(() => expect(clients.map(isOpen)).toEqual([false, false, false]), { timeout: 10_000 });
});

function isOpen(client: PoolClient): boolean {
  return !(client as PoolClient & { connection: { stream: { destroyed: boolean } } }).connection.stream.destroyed;
}
