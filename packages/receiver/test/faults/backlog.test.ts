import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { LOOKED_BACK } from "../../src/inbox/adopted-note.ts";
import type { WorkFilter } from "../../src/inbox/inbox.ts";
import { postgresInbox } from "../../src/inbox/postgres/postgres-inbox.ts";
import { depthOf, workRows } from "../../src/inbox/sqlite/lookup.ts";
import { migrate } from "../../src/inbox/sqlite/schema.ts";
import type { SqlDatabase } from "../../src/inbox/sqlite/sql-database.ts";
import { sqliteInbox } from "../../src/inbox/sqlite/sqlite-inbox.ts";
import { NO_PRUNING } from "../../src/inbox-contract/inbox-fixture.ts";
import { START } from "../signed-webhook.ts";

// However much waits, a claim reads what it takes: also where nobody has run ANALYZE, so that the planner knows
// nothing.

const WAITING = 5_000;
const SETTLED = 30_000;
const request = { now: START, leaseUntil: START + 60_000, limit: 20, handlers: [{ handler: "a", limit: 20 }] };

/** Work that waits, in SQL that both databases take: all of one object, or each of a different one. */
function backlog(order: string, numbers: string, orderKey: string): string[] {
  return [
    `INSERT INTO carabiner_events (source, livemode, account, id, type, object_id, created, rank, endpoint, body, received_at, tells_connection)
     SELECT 'stripe', FALSE, 'acct_1', 'evt_${order}_' || n, 'payout.updated', 'po_1', ${START}, 1, 'connect', '{}', ${START}, FALSE FROM ${numbers}`,
    `INSERT INTO carabiner_work (event, handler, sequence, order_key, created, rank, state, due_at)
     SELECT number, 'a', '${order}', ${orderKey}, created, rank, 'pending', ${START} FROM carabiner_events`,
  ];
}

describe.each(["any", "serial"])("order %s", (order) => {
  test("PostgreSQL reads few rows for a claim, and for the time when the next is due", async () => {
    const database = await createTestDatabase();
    const pool = new pg.Pool({ connectionString: database.url, max: 4 });
    try {
      const inbox = postgresInbox(pool);
      await inbox.prepare();
      for (const table of ["carabiner_events", "carabiner_work"]) await pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
      for (const statement of backlog(order, `generate_series(1, ${WAITING}) AS n`, "'object ' || number")) await pool.query(statement);

      const asked: { text: string; values: unknown[] }[] = [];
      pool.on("connect", (client) => listenTo(client, asked));
      await Promise.all([pool.connect(), pool.connect()]).then((clients) => {
        for (const client of clients) client.release(true);
      });
      const claims = await inbox.claim(request);
      expect(claims).toHaveLength(20);
      await inbox.nextDueAt(["a"], START);
      await inbox.release(claims);

      const reads = asked.filter(({ text }) => /carabiner_work/.test(text) && !/^UPDATE/.test(text.trim()));
      expect(reads.length).toBeGreaterThan(2);
      for (const { text, values } of reads) expect(await rowsRead(pool, text, values), text).toBeLessThan(1_500);
    } finally {
      await pool.end();
      await database.drop();
    }
  });

  test("SQLite reads its due work from an index, and sorts nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "carabiner-backlog-"));
    const file = join(folder, "app.db");
    const inbox = sqliteInbox(file);
    await inbox.prepare();
    const db = new DatabaseSync(file);
    try {
      const numbers = `(WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${WAITING}) SELECT n FROM counted)`;
      for (const statement of backlog(order, numbers, "'object ' || number")) db.exec(statement.replace("'{}'", "x'7b7d'"));
      expect(await inbox.claim(request)).toHaveLength(20);
      const plan = db
        .prepare(
          "EXPLAIN QUERY PLAN SELECT event FROM carabiner_work WHERE state = 'pending' AND handler = ? AND due_at <= ? AND lease_until <= ? ORDER BY due_at, created, rank, event",
        )
        .all("a", START, START)
        .map(({ detail }) => String(detail));
      expect(plan).toEqual([expect.stringContaining("USING INDEX carabiner_work_ready (handler=? AND due_at<?)")]);
    } finally {
      db.close();
      await inbox.close();
      rmSync(folder, { recursive: true });
    }
  });
});

test("SQLite lists the newest work in the order of its table, and what waits or failed from its index", () => {
  const db = new DatabaseSync(":memory:");
  try {
    migrate(db);
    const asked: string[] = [];
    const noting: SqlDatabase = {
      exec: (statements) => db.exec(statements),
      prepare(statement) {
        asked.push(statement);
        return db.prepare(statement);
      },
    };
    const planOf = (filter: Partial<WorkFilter>): string => {
      workRows(noting, { ...filter, limit: 9 });
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${asked.at(-1)}`).all();
      return plan.map(({ detail }) => String(detail)).join("; ");
    };
    for (const filter of [{}, { state: "done" }, { state: "stale" }, { handler: "a" }, { state: "done", handler: "a" }] as const) {
      expect(planOf(filter)).toMatch(/^SCAN w; SEARCH e .*; USE TEMP B-TREE FOR LAST TERM OF ORDER BY$|^SCAN w; SEARCH e [^;]*$/);
    }
    expect(planOf({ state: "pending" })).toContain("w USING INDEX carabiner_work_ready");
    expect(planOf({ state: "dead" })).toContain("w USING INDEX carabiner_work_dead");
    expect(planOf({ state: "quarantined" })).toContain("w USING INDEX carabiner_work_quarantined");
    expect(planOf({ eventId: "evt_1" })).toMatch(/^SEARCH e USING INDEX carabiner_events_id/);
    const ofKeys = /^SEARCH e USING (?:COVERING )?INDEX sqlite_autoindex_carabiner_events_1 \(source=\? AND livemode=\? AND account=\?\)/;
    for (const filter of [{ account: "acct_1" }, { account: null }, { account: "acct_1", state: "dead", livemode: true }] as const) {
      expect(planOf(filter)).toMatch(ofKeys);
    }
  } finally {
    db.close();
  }
});

test("SQLite counts what is not settled for good from its indexes, for any number of settled events", () => {
  const db = new DatabaseSync(":memory:");
  try {
    migrate(db);
    const plans: string[] = [];
    const noting: SqlDatabase = {
      exec: (statements) => db.exec(statements),
      prepare(statement) {
        const plan = db.prepare(`EXPLAIN QUERY PLAN ${statement}`).all();
        plans.push(...plan.map(({ detail }) => String(detail)).filter((detail) => detail.includes("carabiner_work")));
        return db.prepare(statement);
      },
    };
    depthOf(noting);
    const from = (index: string) => expect.stringMatching(new RegExp(`^SCAN carabiner_work USING COVERING INDEX ${index}$`));
    expect(plans).toEqual([from("carabiner_work_ready"), from("carabiner_work_dead"), from("carabiner_work_quarantined")]);
  } finally {
    db.close();
  }
});

test("PostgreSQL counts what is not settled from its indexes, and looks for a former name only where it has not yet", async () => {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  try {
    const inbox = postgresInbox(pool);
    await inbox.prepare();
    for (const statement of backlog("any", `generate_series(1, ${SETTLED}) AS n`, "'object ' || number")) await pool.query(statement);
    await pool.query("UPDATE carabiner_work SET state = CASE WHEN event % 1000 = 0 THEN 'dead' ELSE 'done' END WHERE event % 500 <> 1");
    await pool.query("UPDATE carabiner_work SET sequence = 'serial' WHERE event % 1000 = 1");
    await pool.query("VACUUM ANALYZE");
    const asked: { text: string; values: unknown[] }[] = [];
    pool.on("connect", (client) => listenTo(client, asked));
    await Promise.all([pool.connect(), pool.connect()]).then((clients) => {
      for (const client of clients) client.release(true);
    });
    expect((await inbox.depth()).work).toEqual({ pending: 60, dead: 30, quarantined: 0 });
    const reads = asked.filter(({ text }) => text.includes("carabiner_work"));
    expect(reads).toHaveLength(1);
    for (const { text, values } of reads) expect(await rowsRead(pool, text, values), text).toBeLessThan(500);

    asked.length = 0;
    await inbox.prune({ ...NO_PRUNING, now: START + 1, orphanedBefore: START });
    const discards = asked.filter(({ text }) => text.includes("'discarded'"));
    expect(discards).toHaveLength(2);
    for (const { text, values } of discards) expect(await rowsRead(pool, text, values), text).toBeLessThan(500);

    // All work is looked through once for that of a handler's former name.
    const adopt = () => inbox.adopt({ from: "former", to: "a", now: START, limit: 10 });
    expect(await adopt()).toBe(0);
    asked.length = 0;
    expect(await adopt()).toBe(0);
    const again = asked.filter(({ text }) => /^\s*SELECT/.test(text) && text.includes("carabiner_work"));
    expect(again.length).toBeGreaterThan(4);
    for (const { text, values } of again) expect(await rowsRead(pool, text, values), text).toBeLessThanOrEqual(LOOKED_BACK);
  } finally {
    await pool.end();
    await database.drop();
  }
});

/** Notes what a client is asked. */
function listenTo(client: pg.PoolClient, asked: { text: string; values: unknown[] }[]): void {
  const { query } = client;
  client.query = ((...given: unknown[]) => {
    const [first] = given;
    if (typeof first === "object" && first !== null && "text" in first) {
      const { text, values } = first as { text: string; values?: unknown[] };
      asked.push({ text, values: values ?? [] });
    }
    return Reflect.apply(query, client, given) as unknown;
  }) as typeof query;
}

/** How many rows a statement reads from tables and indexes; what it changes is undone. */
async function rowsRead(pool: pg.Pool, text: string, values: unknown[]): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
    await client.query("ROLLBACK");
    const [row] = rows;
    return row === undefined ? Number.NaN : readBy(row["QUERY PLAN"][0].Plan);
  } finally {
    client.release();
  }
}

interface Plan {
  "Node Type": string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Plan[];
}

function readBy(plan: Plan): number {
  const scans = plan["Node Type"].includes("Scan") && !plan["Node Type"].includes("CTE");
  const own = scans ? (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0)) * plan["Actual Loops"] : 0;
  return (plan.Plans ?? []).reduce((sum, below) => sum + readBy(below), own);
}
