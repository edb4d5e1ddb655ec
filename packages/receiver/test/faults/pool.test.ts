import { connect, createServer, type Socket } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../scripts/test-database.ts";
import { postgresInbox } from "../../src/inbox/postgres/postgres-inbox.ts";
import { createReceiver, type Report } from "../../src/index.ts";
import { CONNECT_SECRET, eventOf, webhook } from "../signed-webhook.ts";
import { turnedClock } from "../turned-clock.ts";

// A pool that is small, taken, or leads to a database that does not answer.

vi.setConfig({ hookTimeout: 60_000 });

let database: TestDatabase;
let pool: pg.Pool;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  const setup = new pg.Client({ connectionString: database.url });
  await setup.connect();
  await setup.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE effects (name text)");
  await setup.end();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => database.drop());

/** Time in which the database must answer, where a test has it not answer; a busy one still does. */
const SOON = { answerMs: 2_000 };

function receiver(max: number, concurrency: number, { url = database.url, ...answer }: { url?: string; answerMs?: number } = {}) {
  const made = new pg.Pool({ connectionString: url, max });
  pool = made;
  closing.push(() => made.end());
  const reports: Report[] = [];
  const clock = turnedClock();
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: postgresInbox(pool, answer),
    log: false,
    autoStart: false,
    clock,
    limits: { concurrency, attempts: 1 },
    onReport: (report) => reports.push(report),
  });
  closing.push(() => hooks.stop());
  const send = (id: string) => hooks.handle(webhook(eventOf("payout.paid", { id }), { at: clock.now() }));
  const done = (): number => reports.filter((report) => report.kind === "handled" && report.outcome === "done").length;
  return { hooks, reports, clock, send, done };
}

test("handlers that outlast their leases do not wait for each other's clients: all run", async () => {
  const { hooks, clock, send, done } = receiver(10, 32);
  const begun = Promise.withResolvers<void>();
  const may = Promise.withResolvers<void>();
  hooks.connect.on("payout.paid", async (event, { tx }) => {
    await tx.query("INSERT INTO effects VALUES ($1)", [event.id]);
    begun.resolve();
    await may.promise;
  });
  const answers = Array.from({ length: 40 }, (_, n) => send(`evt_${n}`));
  await begun.promise;
  // Those that wait for a client by then have leases that do not last for their try.
  await clock.turn(20_000);
  may.resolve();
  for (const { status, settled } of await Promise.all(answers)) {
    expect(status).toBe(200);
    await settled;
  }
  await hooks.drain();
  await hooks.idle();
  expect(done()).toBe(40);
  expect((await pool.query("SELECT count(*)::integer AS effects FROM effects")).rows).toEqual([{ effects: 40 }]);
});

test("handlers that use the pool in addition to their transaction get clients for it", async () => {
  const { hooks, send, done } = receiver(4, 32);
  hooks.connect.on("payout.paid", async (event, { tx }) => {
    await tx.query("INSERT INTO effects VALUES ($1)", [event.id]);
    await pool.query("SELECT 1");
  });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => send(`evt_${n}`)));
  await Promise.all(answers.map(({ settled }) => settled));
  await hooks.drain();
  await hooks.idle();
  expect(done()).toBe(20);
});

test("a pool that is too small for the concurrency is reported when the receiver is created", () => {
  const { reports } = receiver(10, 32);
  expect(reports).toMatchObject([
    {
      kind: "trouble",
      says: "8 handlers run at the same time, not 32 as the limit concurrency says: the pool has 10 clients (max), and 2 must be left for the inbox",
    },
  ]);
  expect(receiver(34, 32).reports).toEqual([]);
});

test("while others hold every client of the pool, an event is answered 503, and kept afterwards", async () => {
  const { hooks, reports, send, done } = receiver(2, 1, SOON);
  hooks.connect.on("payout.paid", () => undefined);
  await hooks.depth();
  const held = await Promise.all([pool.connect(), pool.connect()]);
  expect((await send("evt_1")).status).toBe(503);
  expect(reports.at(-1)).toMatchObject({ reason: "inbox_unavailable", says: expect.stringContaining("no client of the pool was free") });
  for (const client of held) client.release();
  expect((await send("evt_1")).status).toBe(200);
  await hooks.idle();
  expect(done()).toBe(1);
});

test("a database that does not answer is 503, and no connection to it is left behind", async () => {
  const valve = await openValve(new URL(database.url));
  const url = new URL(database.url);
  url.port = String(valve.port);
  const { hooks, reports, send, done } = receiver(4, 2, { url: url.href, ...SOON });
  hooks.connect.on("payout.paid", () => undefined);
  expect((await send("evt_before")).status).toBe(200);
  await hooks.idle();
  valve.freeze();
  expect((await send("evt_1")).status).toBe(503);
  expect(reports.at(-1)).toMatchObject({
    reason: "inbox_unavailable",
    says: expect.stringContaining(`has not answered for ${SOON.answerMs} ms`),
  });
  valve.thaw();
  const { status, settled } = await send("evt_1");
  expect(status).toBe(200);
  await settled;
  expect(done()).toBe(2);
  expect(pool.waitingCount).toBe(0);
});

test("what a handler keeps of tx beyond its return is refused, and writes into nobody's transaction", async () => {
  const { hooks, send, done } = receiver(3, 1);
  let kept: pg.PoolClient | null = null;
  hooks.connect.on("payout.paid", async (event, { tx }) => {
    if (kept === null) kept = tx;
    else await expect(kept.query("INSERT INTO effects VALUES ('of another')")).rejects.toThrow(/its transaction has ended/);
    await tx.query("INSERT INTO effects VALUES ($1)", [event.id]);
  });
  for (const id of ["evt_1", "evt_2"]) await (await send(id)).settled;
  expect(done()).toBe(2);
  await expect((kept as unknown as pg.PoolClient).query("SELECT 1")).rejects.toThrow(/its transaction has ended/);
  expect((await pool.query("SELECT name FROM effects ORDER BY name")).rows).toEqual([{ name: "evt_1" }, { name: "evt_2" }]);
});

/** A way to a server that can be frozen: then connections stay open, and nothing comes through. */
async function openValve(to: URL) {
  const sockets = new Set<Socket>();
  let frozen = false;
  const valve = createServer((client) => {
    const server = connect(Number(to.port), to.hostname);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one);
      one.on("data", (data) => {
        if (!frozen) other.write(data);
      });
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => valve.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    valve.close();
  });
  return {
    port: (valve.address() as { port: number }).port,
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
    },
  };
}
