import { openSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { createReceiver, type Inbox } from "@carabiner/receiver";
import { postgresInbox } from "@carabiner/receiver/postgres";
import { sqliteInbox } from "@carabiner/receiver/sqlite";
import pg from "pg";
import { recordArrival } from "./record-arrival.ts";

/** Its start options, as JSON. */
export interface HandlingStart {
  /** The location of the inbox and the handler's own table: a file, or a database. */
  inbox: { file: string } | { url: string };
  /** The file that records what arrives. */
  arrivalsFile: string;
  secret: string;
}

/**
 * A receiver made with `@carabiner/receiver`. Its one handler adds a row to a table in the inbox's transaction. A
 * program: says `{ port }`; asked `{ handled: true }`, it answers how often the handler's effect exists, by event.
 */
const { inbox, arrivalsFile, secret } = JSON.parse(process.argv[2] ?? "") as HandlingStart;
const arrivals = openSync(arrivalsFile, "a");

if ("file" in inbox) {
  const effects = new DatabaseSync(inbox.file);
  effects.exec("CREATE TABLE effects (event TEXT)");
  serve<DatabaseSync>(
    sqliteInbox(inbox.file),
    (tx, event) => tx.prepare("INSERT INTO effects (event) VALUES (?)").run(event),
    async () => effects.prepare("SELECT event FROM effects").all() as { event: string }[],
  );
} else {
  const pool = new pg.Pool({ connectionString: inbox.url });
  await pool.query("CREATE TABLE effects (event text)");
  serve<pg.PoolClient>(
    postgresInbox(pool),
    (tx, event) => tx.query("INSERT INTO effects (event) VALUES ($1)", [event]),
    async () => (await pool.query<{ event: string }>("SELECT event FROM effects")).rows,
  );
}

function serve<Tx>(opened: Inbox<Tx>, effect: (tx: Tx, event: string) => unknown, effects: () => Promise<{ event: string }[]>): void {
  const hooks = createReceiver({ endpoints: { account: { secret } }, livemode: false, inbox: opened, log: false });
  hooks.account.on("payout.updated", async (event, { tx }) => {
    await effect(tx, event.id);
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => recordArrival(arrivals, secret, Buffer.concat(chunks), request.headers["stripe-signature"]));
    void hooks.node(request, response);
  });
  process.on("message", async () => {
    const handled: Record<string, number> = {};
    for (const { event } of await effects()) handled[event] = (handled[event] ?? 0) + 1;
    process.send?.({ handled });
  });
  process.on("disconnect", () => process.exit());
  void hooks.start().then(() => server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port })));
}
