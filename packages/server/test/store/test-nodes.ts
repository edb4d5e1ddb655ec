import pg from "pg";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { START, type StoreFixture, storeFixture, TEST_KEYS } from "./store-fixture.ts";

/** Nodes of a test on a separate PostgreSQL database. */
export interface TestNodes {
  url: string;
  /** A connection that belongs to no node. */
  client: pg.Client;
  make: StoreFixture;
  /** Opens the store of another node. */
  open(name?: string): Promise<Store>;
  /** Ends the connections of this name that nodes have to the database, and waits until they are gone. */
  endConnections(name: string): Promise<unknown>;
  /** Closes the stores, and removes the database. */
  close(): Promise<void>;
}

export async function createTestNodes(): Promise<TestNodes> {
  const { url, drop } = await createTestDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const stores: Store[] = [];
  return {
    ...{ url, client, make: storeFixture() },
    async open(name) {
      const node = name === undefined ? {} : { node: { name, version: "1", roles: [] } };
      const store = await openStore({ location: url, now: START, keys: TEST_KEYS, ...node });
      stores.push(store);
      return store;
    },
    endConnections: (name) =>
      client.query(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()",
        [name],
      ),
    async close() {
      for (const store of stores) await store.close();
      await client.end();
      await drop();
    },
  };
}
