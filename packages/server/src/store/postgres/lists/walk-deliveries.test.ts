import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { START, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { openStore } from "../../open-store.ts";
import type { SqlRow, SqlValue } from "../database/session.ts";
import { walkDeliveries } from "./walk-deliveries.ts";

/** So many that, without statistics, an index of the endpoint seems worth reading together with that of the event. */
const DELIVERIES = 20_000;
const LOOK = 200;

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  // As a store's connections are set.
  const options = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";
  client = new pg.Client({ connectionString: database.url, options });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.drop();
});

test("a walk reads the deliveries of each event alone, also in tables that were filled just now", { timeout: 60_000 }, async () => {
  const make = storeFixture();
  const store = await openStore({ location: database.url, now: START, keys: TEST_KEYS });
  try {
    const [endpoint] = await make.endpoints(store, 1);
    if (endpoint === undefined) throw new Error("no endpoint");
    // No statistics come meanwhile.
    await client.query("ALTER TABLE deliveries_0 SET (autovacuum_enabled = false)");
    for (let n = 0; n < DELIVERIES; n += 1_000) await make.owe(store, endpoint, 1_000, { skipped: true });

    const plans: string[] = [];
    const all = async (sql: string, ...values: SqlValue[]): Promise<SqlRow[]> => {
      const { rows } = await client.query<SqlRow>(sql, values);
      if (sql.includes("NOT EXISTS")) {
        const explained = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN ${sql}`, values);
        plans.push(explained.rows.map((row) => row["QUERY PLAN"]).join("\n"));
      }
      return rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, name === "n" ? Number(value) : value])),
      );
    };
    const session = { all, get: async (sql: string, ...values: SqlValue[]) => (await all(sql, ...values))[0], run: async () => 0 };
    await walkDeliveries(session, {
      accountId: endpoint.accountId,
      livemode: endpoint.livemode,
      states: ["cancelled"],
      created: { gte: START - 1 },
      look: LOOK,
      after: null,
      upTo: null,
    });
    expect(plans).toHaveLength(1);
    expect(plans[0]).toMatch(/Index .*deliveries_0_event_n_idx/);
    expect(plans[0]).not.toContain("deliveries_0_endpoint_n_idx");
  } finally {
    await store.close();
  }
});
