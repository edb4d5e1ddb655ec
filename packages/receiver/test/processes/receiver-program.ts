import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { Inbox } from "../../src/inbox/inbox.ts";
import { postgresInbox } from "../../src/inbox/postgres/postgres-inbox.ts";
import { sqliteInbox } from "../../src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver } from "../../src/index.ts";
import { systemClock } from "../../src/system-clock.ts";
import { CONNECT_SECRET } from "../signed-webhook.ts";

/** The start options of a receiver in a separate process, as JSON in its first argument. */
export interface ProgramOptions {
  kind: "sqlite" | "postgres";
  /** A file, or a URL. */
  location: string;
  /** The schema to find the tables in; for PostgreSQL. */
  schema: string;
  /** Where it kills itself, as if the power went. */
  diesAt: "nowhere" | "stored" | "before commit" | "after commit";
  /** How far its clock is ahead of the machine's, in milliseconds: for it, the leases of others have run out. */
  aheadMs: number;
  /** By how much this machine's clock is wrong, in milliseconds. */
  skewMs: number;
  /** Whether it works on what it finds. */
  works: boolean;
  /** Whether its handler waits until it is told to continue. */
  waits: boolean;
}

/** What it tells its parent. */
export type ProgramMessage = { port: number } | { outcome: string } | { handling: string } | { drained: number };

/** Its commands: process what is due, or let the handler continue. */
export type ProgramOrder = "drain" | "go on";

if (import.meta.main) await run(JSON.parse(process.argv[2] ?? "") as ProgramOptions);

async function run(options: ProgramOptions): Promise<void> {
  const machine = Date.now;
  Date.now = () => machine() + options.skewMs;
  if (options.kind === "sqlite") {
    await serve<DatabaseSync>(options, sqliteInbox(options.location), (tx, name) => {
      tx.prepare("INSERT INTO effects (name) VALUES (?)").run(name);
    });
  } else {
    const pool = new pg.Pool({ connectionString: options.location, options: `-c search_path=${options.schema}` });
    await serve<pg.PoolClient>(options, postgresInbox(pool), (tx, name) => tx.query("INSERT INTO effects (name) VALUES ($1)", [name]));
  }
}

async function serve<Tx>({ diesAt, aheadMs, works, waits }: ProgramOptions, inbox: Inbox<Tx>, effect: (tx: Tx, name: string) => unknown) {
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox,
    clock: aheadMs === 0 ? systemClock : { ...systemClock, now: () => systemClock.now() + aheadMs },
    log: false,
    autoStart: false,
    onReport(report) {
      if (report.kind === "received" && report.outcome === "stored") dieIf("stored");
      if (report.kind === "handled" && report.outcome === "done") dieIf("after commit");
      if ("outcome" in report) tell({ outcome: report.outcome });
    },
  });
  const goOn = Promise.withResolvers<void>();
  process.on("message", async (order: ProgramOrder) => {
    if (order === "go on") goOn.resolve();
    else tell({ drained: (await hooks.drain()).tries });
  });
  hooks.connect.on("payout.paid", async (event, context) => {
    tell({ handling: event.id });
    if (waits) await goOn.promise;
    // Only now its transaction begins, which blocks others.
    await effect(context.tx, event.id);
    dieIf("before commit");
  });
  if (works) await hooks.start();
  const server = createServer(hooks.node);
  server.listen(0, "127.0.0.1", () => tell({ port: (server.address() as AddressInfo).port }));
  process.once("disconnect", () => process.exit());

  function dieIf(here: ProgramOptions["diesAt"]): void {
    if (diesAt === here) process.kill(process.pid, "SIGKILL");
  }
}

function tell(message: ProgramMessage): void {
  process.send?.(message);
}
