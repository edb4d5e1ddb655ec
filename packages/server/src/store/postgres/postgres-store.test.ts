import pg from "pg";
import { afterAll, beforeAll, describe } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../scripts/test-database.ts";
import { openStore } from "../open-store.ts";
import type { Store } from "../store.ts";
import { storeConformance } from "../store-conformance.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";

/** One database for the file, emptied for each store: making one takes longer than most tests. */
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const EMPTY = `
  DO $$ DECLARE tables text; BEGIN
    SELECT string_agg(quote_ident(tablename), ', ') INTO tables FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations';
    IF tables IS NOT NULL THEN EXECUTE 'TRUNCATE ' || tables || ' RESTART IDENTITY'; END IF;
  END $$`;

async function emptyDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(EMPTY);
  await client.end();
}

function onServer(): StoreHarness {
  let store: Store | null = null;
  const open = async (now: number, empty: boolean) => {
    if (empty) await emptyDatabase(database.url);
    store = await openStore({ location: database.url, now });
    return store;
  };
  return {
    open: ({ now }) => open(now, true),
    async reopen() {
      await store?.close();
      return open(START, false);
    },
    async close() {
      await store?.close();
    },
  };
}

describe("on PostgreSQL", () => storeConformance(onServer()));
