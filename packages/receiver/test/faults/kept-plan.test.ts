import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import type { Arrival, Claim, Inbox } from "../../src/inbox/inbox.ts";
import { postgresInbox } from "../../src/inbox/postgres/postgres-inbox.ts";
import { START } from "../signed-webhook.ts";

// PostgreSQL keeps the plan of a prepared statement until someone runs ANALYZE. A plan that was made while the inbox
// was almost empty reads the whole table, which must not become the cost of each event once many wait.

const WAITING = 30_000;
/** After five executions PostgreSQL may keep a plan. */
const EXECUTIONS = 8;

test.each(["any", "serial", "latest"] as const)(
  "a connection that began with a small inbox reads few rows once many wait, order %s",
  async (order) => {
    const database = await createTestDatabase();
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    try {
      const inbox = postgresInbox(pool);
      await inbox.prepare();
      for (const table of ["carabiner_events", "carabiner_work"]) await pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
      await Promise.all(Array.from({ length: 5 }, (_, n) => inbox.store(arrival(`first_${n}`, order))));
      // PostgreSQL plans for ten pages at least before a table was vacuumed, and for its true length afterwards.
      await pool.query("VACUUM ANALYZE");
      for (let round = 0; round < EXECUTIONS; round++) await useAll(inbox, `few_${round}`, order);

      await pool.query(
        `INSERT INTO carabiner_events (source, livemode, account, id, type, object_id, created, rank, endpoint, body, received_at, tells_connection)
       SELECT 'stripe', FALSE, 'acct_1', 'evt_many_' || n, 'payout.updated', 'po_1', ${START}, 1, 'connect', '{}', ${START}, FALSE FROM generate_series(1, ${WAITING}) AS n`,
      );
      await pool.query(
        `INSERT INTO carabiner_work (event, handler, sequence, order_key, created, rank, state, due_at)
       SELECT number, 'a', '${order}', 'object ' || id, created, rank, 'pending', ${START} FROM carabiner_events WHERE id LIKE 'evt_many%'`,
      );
      const before = await readInScans(pool);
      for (let round = 0; round < 3; round++) expect(await useAll(inbox, `more_${round}`, order)).toBe(20);
      expect((await readInScans(pool)) - before).toBe(0);
    } finally {
      await pool.end();
      await database.drop();
    }
  },
);

function arrival(name: string, order: "any" | "serial" | "latest", lease: Arrival["lease"] = null): Arrival {
  return {
    event: {
      source: "stripe",
      livemode: false,
      account: "acct_1",
      id: `evt_${name}`,
      type: "payout.updated",
      objectId: `po_${name}`,
      created: START,
      rank: 1,
      endpoint: "connect",
      apiVersion: null,
      body: new TextEncoder().encode("{}"),
      receivedAt: START,
    },
    work: [{ handler: "a", order, orderKey: `object ${name}`, dueAt: START }],
    connection: null,
    tieGoesTo: null,
    lease,
  };
}

/**
 * Stores and leases one, and claims others, renews, settles and asks when the next is due. Returns how many it claimed.
 */
async function useAll(inbox: Inbox<unknown>, name: string, order: "any" | "serial" | "latest"): Promise<number> {
  const lease = { now: START, leaseUntil: START + 60_000 };
  const stored = await inbox.store(arrival(name, order, lease));
  const hot = "claims" in stored ? stored.claims : [];
  const claims = await inbox.claim({ ...lease, limit: 20, handlers: [{ handler: "a", limit: 20 }] });
  await inbox.nextDueAt(["a"], START);
  for (const claim of claims) expect(await inbox.renew(claim, START + 90_000)).toBe(true);
  const [first, ...others] = claims;
  if (first !== undefined) await inbox.release([first]);
  const done = (claim: Claim) => inbox.settle(claim, { at: START, next: { state: "done" }, error: null, counts: true, mark: null });
  await Promise.all([...hot, ...others].map(done));
  return claims.length;
}

/** How many rows of the inbox the only connection has read in scans of whole tables. */
async function readInScans(pool: pg.Pool): Promise<number> {
  await pool.query("SELECT pg_stat_force_next_flush()");
  const { rows } = await pool.query<{ read: string }>(
    "SELECT sum(seq_tup_read) AS read FROM pg_stat_user_tables WHERE relname IN ('carabiner_work', 'carabiner_events')",
  );
  return Number(rows[0]?.read);
}
