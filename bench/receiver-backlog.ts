import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Arrival, Claim, Inbox } from "../packages/receiver/src/inbox/inbox.ts";
import { postgresInbox } from "../packages/receiver/src/inbox/postgres/postgres-inbox.ts";
import { sqliteInbox } from "../packages/receiver/src/inbox/sqlite/sqlite-inbox.ts";
import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { median, quantile, type Report } from "./report.ts";

const FEW = 1_000;
const MANY = 100_000;
/** How many pieces of work one claim takes: as many as a worker with the default concurrency takes. */
const TOGETHER = 40;
/** How many claims are measured at each size. */
const ROUNDS = 15;
const LEASE_MS = 75_000;
/** How much one statement settles, on both SQLite and PostgreSQL. */
const FILLED_TOGETHER = 500;
/** A drain is measured in this many parts. */
const PARTS = 10;

/**
 * What it costs to claim and settle one event while many wait, compared with few; nobody has run ANALYZE. Also a drain
 * of all of them, from its first part to its last.
 */
export async function receiverBacklog(): Promise<Report[]> {
  const postgres = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  const pool = new pg.Pool({ connectionString: postgres.url, max: 10 });
  try {
    const reports: Report[] = [];
    for (const order of ["any", "serial"] as const) {
      reports.push(...(await waiting("SQLite", sqliteInbox(join(folder, `${order}.db`)), order)));
      await pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      reports.push(...(await waiting("PostgreSQL", postgresInbox(pool), order)));
    }
    return reports;
  } finally {
    await pool.end();
    rmSync(folder, { recursive: true });
    await postgres.stop();
  }
}

async function waiting(kind: string, inbox: Inbox<unknown>, order: "any" | "serial"): Promise<Report[]> {
  await inbox.prepare();
  const now = Date.now();
  const settings = `${order === "any" ? "no order" : "order serial, each of its own object"}, ${TOGETHER} claimed together, before ANALYZE`;
  await fill(inbox, 0, FEW, order, now);
  const few = await costs(inbox, now);
  await fill(inbox, FEW, MANY, order, now);
  const many = await costs(inbox, now);
  const parts = await drain(inbox, now);
  const [first = Number.NaN] = parts;
  const last = parts.at(-2) ?? Number.NaN;
  await inbox.close();
  return [
    {
      name: `${kind}: ${MANY.toLocaleString("en")} wait`,
      ours: median(many),
      bare: median(few),
      ratio: median(many) / median(few),
      reach: { atMost: 1.5 },
      unit: "ms/event",
      settings: `beside ${FEW.toLocaleString("en")} that wait; ${settings}; slowest of ten ${quantile(many, 0.9).toFixed(3)}`,
    },
    {
      name: `${kind}: all are drained`,
      ours: last,
      bare: first,
      ratio: last / first,
      reach: { atMost: 1.5 },
      unit: "ms/event",
      settings: `the last of ${PARTS} parts beside the first; ${settings}`,
    },
  ];
}

async function fill(inbox: Inbox<unknown>, from: number, to: number, order: "any" | "serial", now: number): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify({ object: "event", filler: "x".repeat(2_000) }));
  for (let number = from; number < to; number += FILLED_TOGETHER) {
    const group = Array.from({ length: Math.min(FILLED_TOGETHER, to - number) }, (_, n) => arrival(number + n));
    await Promise.all(group.map((one) => inbox.store(one)));
  }

  function arrival(number: number): Arrival {
    const orderKey = `object ${number}`;
    return {
      event: {
        source: "stripe",
        livemode: false,
        account: `acct_${number % 100}`,
        id: `evt_${number}`,
        type: "payout.updated",
        objectId: `po_${number}`,
        created: now - 1_000,
        rank: 1,
        endpoint: "connect",
        apiVersion: null,
        body,
        receivedAt: now,
      },
      work: [{ handler: "a", order, orderKey, dueAt: now }],
      connection: null,
      tieGoesTo: null,
      lease: null,
    };
  }
}

/** Claims, settles, and asks when the next is due. Returns how many events there were. */
async function turn(inbox: Inbox<unknown>, now: number): Promise<number> {
  const handlers = [{ handler: "a", limit: TOGETHER }];
  const claims = await inbox.claim({ now, leaseUntil: now + LEASE_MS, limit: TOGETHER, handlers });
  await inbox.nextDueAt(["a"], now);
  const done = (claim: Claim) => inbox.settle(claim, { at: now, next: { state: "done" }, error: null, counts: true, mark: null });
  await Promise.all(claims.map(done));
  return claims.length;
}

async function costs(inbox: Inbox<unknown>, now: number): Promise<number[]> {
  const each: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const started = performance.now();
    const events = await turn(inbox, now);
    // The first one prepares statements.
    if (round > 0) each.push((performance.now() - started) / events);
  }
  return each;
}

async function drain(inbox: Inbox<unknown>, now: number): Promise<number[]> {
  const parts: number[] = [];
  for (;;) {
    const started = performance.now();
    let events = 0;
    while (events < MANY / PARTS) {
      const some = await turn(inbox, now);
      if (some === 0) return parts;
      events += some;
    }
    parts.push((performance.now() - started) / events);
  }
}
