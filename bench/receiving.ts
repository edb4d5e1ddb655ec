import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import express, { type RequestHandler } from "express";
import pg from "pg";
import Stripe from "stripe";
import type { Inbox } from "../packages/receiver/src/inbox/inbox.ts";
import { memoryInbox } from "../packages/receiver/src/inbox/memory-inbox.ts";
import { postgresInbox } from "../packages/receiver/src/inbox/postgres/postgres-inbox.ts";
import { sqliteInbox } from "../packages/receiver/src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver } from "../packages/receiver/src/index.ts";

/** What receives the webhooks. */
export type ReceivingKind = "bare" | "memory" | "SQLite" | "PostgreSQL";
/** What the handler does: nothing, with order `any` or `latest`, or one write in the inbox's transaction. */
export type HandlerKind = "any" | "latest" | "tx";

/**
 * An Express route that receives webhooks. Started with its kind, the secret, what the handler does, and for PostgreSQL
 * the server's URL; says `{ port }`. Asked `{ wait: N }`, answers `{ handled }` once N have been handled; asked `{ cpu:
 * true }`, answers `{ us }`, the microseconds of processor time that the process has used.
 */
const [kind, secret = "", handlerKind, url] = process.argv.slice(2) as [ReceivingKind, string, HandlerKind, string];
const folder = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
let handled = 0;
let awaited = Number.POSITIVE_INFINITY;

function handle(): void {
  handled++;
  if (handled < awaited) return;
  awaited = Number.POSITIVE_INFINITY;
  process.send?.({ handled });
}

/** `write`: a write by the handler in the inbox's transaction. */
async function withInbox<Tx>(inbox: Inbox<Tx>, write: (tx: Tx, event: string) => unknown): Promise<RequestHandler[]> {
  const hooks = createReceiver({
    endpoints: { connect: { secret, connect: true } },
    livemode: false,
    inbox,
    onReport(report) {
      if (report.kind === "handled" && report.outcome === "done") handle();
    },
  });
  hooks.connect.on("payout.updated", { order: handlerKind === "latest" ? "latest" : "any" }, async (event, context) => {
    if (handlerKind === "tx") await write(context.tx, event.id);
  });
  await hooks.start();
  return [hooks.node];
}

const OWN_TABLE = "CREATE TABLE seen (event TEXT PRIMARY KEY)";

/** The least work that receiving takes: verify, and answer. Nothing is stored. */
function bare(): RequestHandler[] {
  return [
    express.raw({ type: "application/json" }),
    (request, response) => {
      Stripe.webhooks.constructEvent(request.body, request.header("stripe-signature") ?? "", secret);
      handle();
      response.json({ received: true });
    },
  ];
}

const ROUTES: Readonly<Record<ReceivingKind, () => Promise<RequestHandler[]>>> = {
  bare: async () => bare(),
  memory: () => withInbox(memoryInbox(), () => undefined),
  async SQLite() {
    const file = join(folder, "inbox.db");
    const db = new DatabaseSync(file);
    db.exec(OWN_TABLE);
    db.close();
    return withInbox(sqliteInbox(file), (tx, event) => tx.prepare("INSERT INTO seen (event) VALUES (?)").run(event));
  },
  async PostgreSQL() {
    const pool = new pg.Pool({ connectionString: url, max: 20 });
    await pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    await pool.query(OWN_TABLE);
    return withInbox(postgresInbox(pool), (tx, event) => tx.query("INSERT INTO seen (event) VALUES ($1)", [event]));
  },
};

const app = express();
app.post("/hook", ...(await ROUTES[kind]()));
const server = app.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("message", (asked: { wait: number } | { cpu: true }) => {
  if ("wait" in asked) {
    awaited = asked.wait;
    return;
  }
  const { user, system } = process.cpuUsage();
  process.send?.({ us: user + system });
});
process.on("disconnect", () => {
  rmSync(folder, { recursive: true });
  process.exit();
});
