import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, test, vi } from "vitest";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import type { Inbox } from "../src/inbox/inbox.ts";
import { postgresInbox } from "../src/inbox/postgres/postgres-inbox.ts";
import { sqliteInbox } from "../src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver, type Report } from "../src/index.ts";
import { CONNECT_SECRET, eventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

vi.setConfig({ testTimeout: 60_000 });

function receiverOn<Tx>(inbox: Inbox<Tx>) {
  const reports: Report[] = [];
  const seen: string[] = [];
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox,
    clock: turnedClock(),
    log: false,
    onReport: (report) => reports.push(report),
  });
  hooks.connect.on("payout.paid", (event) => seen.push(event.id));
  const send = async (event: Record<string, unknown>) => {
    const { status, headers, body, settled } = await hooks.handle(webhook(event));
    await settled;
    return { status, retryAfter: headers["retry-after"], body };
  };
  return { hooks, reports, seen, send };
}

test("SQLite that cannot be opened: 503 until it can, and nothing is lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-away-"));
  const inbox = sqliteInbox(join(folder, "later/app.db"));
  try {
    const { reports, seen, send } = receiverOn(inbox);
    const event = eventOf("payout.paid", { id: "evt_away" });
    expect(await send(event)).toEqual({ status: 503, retryAfter: "30", body: '{"error":"The event cannot be stored at the moment."}' });
    expect(reports).toMatchObject([{ kind: "refused", reason: "inbox_unavailable", says: expect.stringContaining("SQLite") }]);
    mkdirSync(join(folder, "later"));
    expect((await send(event)).status).toBe(200);
    expect(seen).toEqual(["evt_away"]);
  } finally {
    await inbox.close();
    rmSync(folder, { recursive: true });
  }
});

test("PostgreSQL that goes away: 503 until it is back; what was stored is handled then", async () => {
  const database = await createTestDatabase();
  const gate = await openGate(new URL(database.url));
  const url = new URL(database.url);
  url.port = String(gate.port);
  const pool = new pg.Pool({ connectionString: url.href });
  try {
    const { hooks, reports, seen, send } = receiverOn(postgresInbox(pool));
    expect((await send(eventOf("payout.paid", { id: "evt_before" }))).status).toBe(200);

    gate.shut();
    const event = eventOf("payout.paid", { id: "evt_away" });
    expect(await send(event)).toMatchObject({ status: 503, retryAfter: "30" });
    expect(reports.at(-1)).toMatchObject({ kind: "refused", reason: "inbox_unavailable" });
    expect(seen).toEqual(["evt_before"]);

    gate.open();
    expect((await send(event)).status).toBe(200);
    await hooks.drain();
    expect(seen).toEqual(["evt_before", "evt_away"]);
    expect(await hooks.depth({ settled: true })).toMatchObject({ work: { done: 2, pending: 0 } });
  } finally {
    await pool.end();
    gate.close();
    await database.drop();
  }
});

test("a database that goes away while a handler runs undoes its effect, and the event is handled again", async () => {
  const database = await createTestDatabase();
  const gate = await openGate(new URL(database.url));
  const url = new URL(database.url);
  url.port = String(gate.port);
  const pool = new pg.Pool({ connectionString: url.href });
  const clock = turnedClock();
  try {
    await pool.query("CREATE TABLE effects (name text)");
    const reports: Report[] = [];
    const hooks = createReceiver({
      endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
      livemode: false,
      inbox: postgresInbox(pool),
      clock,
      log: false,
      onReport: (report) => reports.push(report),
    });
    hooks.connect.on("payout.paid", async (_event, { tx, attempt }) => {
      await tx.query("INSERT INTO effects VALUES ($1)", [`try ${attempt}`]);
      if (attempt === 1) gate.shut();
    });
    const { status, settled } = await hooks.handle(webhook(eventOf("payout.paid")));
    await settled;
    expect(status).toBe(200);
    expect(reports.at(-1)).toMatchObject({ kind: "handled", outcome: "retry", says: expect.stringContaining("PostgreSQL inbox failed") });

    gate.open();
    await clock.turn(75_000);
    await hooks.drain();
    expect(reports.at(-1)).toMatchObject({ kind: "handled", outcome: "done", attempt: 2 });
    expect((await pool.query("SELECT name FROM effects")).rows).toEqual([{ name: "try 2" }]);
  } finally {
    await pool.end();
    gate.close();
    await database.drop();
  }
});

/** A way to a server that can be shut: then every connection through it breaks. */
async function openGate(to: URL) {
  let shut = false;
  const sockets = new Set<Socket>();
  const gate = createServer((client) => {
    if (shut) {
      client.destroy();
      return;
    }
    const server = connect(Number(to.port), to.hostname);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
  return {
    port: (gate.address() as AddressInfo).port,
    shut() {
      shut = true;
      for (const socket of sockets) socket.destroy();
    },
    open() {
      shut = false;
    },
    close() {
      this.shut();
      gate.close();
    },
  };
}
