import pg from "pg";
import { afterAll, beforeAll, describe } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../scripts/test-database.ts";
import { storeConformance } from "../../../test/store/store-conformance.ts";
import { START, TEST_KEYS } from "../../../test/store/store-fixture.ts";
import type { StoreHarness } from "../../../test/store/store-harness.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { openStore } from "../open-store.ts";
import type { Store } from "../store.ts";

/** One database for the file, emptied for each store: making one takes longer than most tests. */
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Leaves two partitions, the first of them open, as the schema's last step does. */
const EMPTY = `
  DO $$ DECLARE tables text; k bigint; BEGIN
    IF to_regclass('partitions') IS NULL THEN RETURN; END IF;
    IF (SELECT coalesce(array_agg(p.k ORDER BY p.k), '{}') FROM partitions p) <> '{0,1}' THEN
      FOR k IN SELECT p.k FROM partitions p LOOP
        EXECUTE format('DROP TABLE events_%1$s, event_variants_%1$s, deliveries_%1$s, attempts_%1$s', k);
      END LOOP;
      DELETE FROM partitions;
      PERFORM make_partition();
      PERFORM make_partition();
    END IF;
    UPDATE partitions SET opened_at = NULL, closed_at = NULL, settled = false, forgotten = NULL;
    SELECT string_agg(quote_ident(tablename), ', ') INTO tables FROM pg_tables
      WHERE schemaname = 'public' AND tablename NOT IN ('migrations', 'partitions');
    EXECUTE 'TRUNCATE ' || tables || ' RESTART IDENTITY';
  END $$`;

async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** Hundreds of pools are opened here: a busy machine once took longer for a connection than a server waits. */
const PATIENT = { ...DEFAULT_LIMITS, databaseConnectMs: 10_000 };

function onServer(): StoreHarness {
  let store: Store | null = null;
  const open = async (now: number, empty: boolean, keys = TEST_KEYS) => {
    if (empty) await runSql(database.url, EMPTY);
    store = await openStore({ location: database.url, now, keys, limits: PATIENT });
    return store;
  };
  return {
    prunesBy: "partition",
    open: ({ now }) => open(now, true),
    async reopen({ keys = TEST_KEYS } = {}) {
      await store?.close();
      return open(START, false, keys);
    },
    async tamper(sql) {
      await store?.close();
      await runSql(database.url, sql);
      return open(START, false);
    },
    async close() {
      await store?.close();
    },
  };
}

describe("on PostgreSQL", () => storeConformance(onServer()));
