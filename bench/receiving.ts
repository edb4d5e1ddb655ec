import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express, { type RequestHandler } from "express";
import pg from "pg";
import Stripe from "stripe";
import type { Inbox } from "../packages/receiver/src/inbox/inbox.ts";
import { memoryInbox } from "../packages/receiver/src/inbox/memory-inbox.ts";
import { postgresInbox } from "../packages/receiver/src/inbox/postgres/postgres-inbox.ts";
import { sqliteInbox } from "../packages/receiver/src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver } from "../packages/receiver/src/index.ts";

/** What takes the webhooks. */
export type ReceivingKind = "bare" | "memory" | "SQLite" | "PostgreSQL";

/**
 * An Express route that takes webhooks. Started with its kind, the secret, and for PostgreSQL the server's URL; says `{ port }`, and answers
 * `{ wait: N }` with `{ handled }` once N have been handled.
 */
const [kind, secret = "", url] = process.argv.slice(2) as [ReceivingKind, string, string];
const folder = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
let handled = 0;
let awaited = Number.POSITIVE_INFINITY;

function handle(): void {
  handled++;
  if (handled < awaited) return;
  awaited = Number.POSITIVE_INFINITY;
  process.send?.({ handled });
}

async function withInbox<Tx>(inbox: Inbox<Tx>): Promise<RequestHandler[]> {
  const hooks = createReceiver({
    endpoints: { connect: { secret, connect: true } },
    livemode: false,
    inbox,
    onReport(report) {
      if (report.kind === "handled" && report.outcome === "done") handle();
    },
  });
  hooks.connect.on("payout.updated", { order: "any" }, () => undefined);
  await hooks.start();
  return [hooks.node];
}

/** The least that receiving takes: verify, and answer. Nothing is remembered. */
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
  memory: () => withInbox(memoryInbox()),
  SQLite: () => withInbox(sqliteInbox(join(folder, "inbox.db"))),
  PostgreSQL: () => withInbox(postgresInbox(new pg.Pool({ connectionString: url, max: 20 }))),
};

const app = express();
app.post("/hook", ...(await ROUTES[kind]()));
const server = app.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("message", ({ wait }: { wait: number }) => {
  awaited = wait;
});
process.on("disconnect", () => {
  rmSync(folder, { recursive: true });
  process.exit();
});
