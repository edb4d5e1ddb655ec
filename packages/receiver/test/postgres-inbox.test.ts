import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/test-database.ts";
import { postgresInbox } from "../src/inbox/postgres/postgres-inbox.ts";
import { createReceiver, type Report } from "../src/index.ts";
import { CONNECT_SECRET, eventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

vi.setConfig({ hookTimeout: 60_000 });

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  await pool.query(
    'DROP SCHEMA IF EXISTS "web hooks" CASCADE; CREATE SCHEMA "web hooks"; DROP TABLE IF EXISTS effects; CREATE TABLE effects (name text)',
  );
});
afterEach(() => pool.end());
afterAll(() => database.drop());

function receiver() {
  const reports: Report[] = [];
  const clock = turnedClock();
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: postgresInbox(pool, { schema: "web hooks" }),
    log: false,
    clock,
    onReport: (report) => reports.push(report),
  });
  const send = async (event = eventOf("payout.paid")): Promise<number> => {
    const { status, settled } = await hooks.handle(webhook(event));
    await settled;
    return status;
  };
  return { hooks, reports, send, clock };
}
const effects = async (): Promise<string[]> =>
  (await pool.query<{ name: string }>("SELECT name FROM effects ORDER BY name")).rows.map(({ name }) => name);

test("its tables may be in a separate schema", async () => {
  const { hooks, send } = receiver();
  hooks.connect.on("payout.paid", (_event, { tx }) => tx.query("INSERT INTO effects VALUES ('kept')"));
  expect(await send()).toBe(200);
  const { rows } = await pool.query("SELECT schemaname AS schema FROM pg_tables WHERE tablename = 'carabiner_events'");
  expect(rows).toEqual([{ schema: "web hooks" }]);
  expect(await effects()).toEqual(["kept"]);
});

test("the client in tx takes statements in every form from its first one on", async () => {
  const { hooks, send } = receiver();
  hooks.connect.on("payout.paid", async (_event, { tx }) => {
    const called = new Promise((resolve, reject) => {
      tx.query("INSERT INTO effects VALUES ('with a callback')", (error: unknown, result: unknown) =>
        error ? reject(error) : resolve(result),
      );
    });
    await called;
    await tx.query({ text: "INSERT INTO effects VALUES ($1)", values: ["with an object"] });
    const submitted = tx.query(new pg.Query("INSERT INTO effects VALUES ('by itself')"));
    await new Promise((resolve, reject) => {
      submitted.on("end", resolve);
      submitted.on("error", reject);
    });
    expect(tx.escapeLiteral("it's")).toBe("'it''s'");
  });
  expect(await send()).toBe(200);
  expect(await effects()).toEqual(["by itself", "with a callback", "with an object"]);
});

test("statements that a handler did not wait for are kept with the note that it is done, the first of them too", async () => {
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.paid", (event, { tx }) => {
    void tx.query("INSERT INTO effects VALUES ($1)", [`${event.id} first`]);
    void tx.query("INSERT INTO effects VALUES ($1)", [`${event.id} second`]);
  });
  expect(await send(eventOf("payout.paid", { id: "evt_1" }))).toBe(200);
  expect(reports.at(-1)).toMatchObject({ outcome: "done" });
  expect(await effects()).toEqual(["evt_1 first", "evt_1 second"]);
});

test("a handler that ends tx, as a client of its own, ends nothing", async () => {
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.paid", async (event, { tx }) => {
    await tx.query("INSERT INTO effects VALUES ($1)", [event.id]);
    await (tx as unknown as pg.Client).end();
  });
  expect(await send(eventOf("payout.paid", { id: "evt_1" }))).toBe(200);
  expect(reports.at(-1)).toMatchObject({ outcome: "done" });
  expect(await effects()).toEqual(["evt_1"]);
});

test("a statement that failed and was caught undoes the whole: it is no success", async () => {
  const { hooks, reports, send, clock } = receiver();
  hooks.connect.on("payout.paid", async (_event, { tx, attempt }) => {
    await tx.query("INSERT INTO effects VALUES ($1)", [`try ${attempt}`]);
    if (attempt === 1) await tx.query("SELECT nothing FROM nowhere").catch(() => undefined);
  });
  expect(await send()).toBe(200);
  expect(reports.at(-1)).toMatchObject({ kind: "handled", outcome: "retry", says: expect.stringContaining("use a savepoint") });
  expect(await effects()).toEqual([]);
  await clock.turn(5_000);
  await hooks.drain();
  await hooks.idle();
  expect(await effects()).toEqual(["try 2"]);
});

test("more events at once than the pool has clients are all handled, and every client comes back", async () => {
  const { hooks, send } = receiver();
  hooks.connect.on("payout.paid", (event, { tx }) => tx.query("INSERT INTO effects VALUES ($1)", [event.id]));
  await Promise.all(Array.from({ length: 30 }, (_, n) => send(eventOf("payout.paid", { id: `evt_${String(n).padStart(2, "0")}` }))));
  await hooks.drain();
  await hooks.idle();
  expect(await effects()).toHaveLength(30);
  // One that is on its way back when the worker stops comes back a moment later.
  await expect.poll(() => [pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0]);
});

test("a handler cannot end the inbox's transaction, so its effect is never kept without the note that it is done", async () => {
  const { hooks, reports, send } = receiver();
  for (const [type, statement] of [
    ["payout.paid", "COMMIT"],
    ["payout.failed", "begin"],
    ["payout.canceled", "ROLLBACK"],
    ["payout.created", "/* route=payouts */ -- by an ORM\n COMMIT"],
    ["payout.updated", "SELECT ';'; COMMIT"],
  ] as const) {
    hooks.connect.on(type, async (_event, { tx }) => {
      await tx.query("INSERT INTO effects VALUES ('half')");
      await tx.query({ text: statement });
    });
    expect(await send(eventOf(type))).toBe(200);
  }
  expect(await effects()).toEqual([]);
  const errors = reports.flatMap((report) => (report.kind === "handled" ? [String(report.error)] : []));
  expect(errors).toHaveLength(5);
  for (const error of errors) expect(error).toMatch(/leaves BEGIN, COMMIT and ROLLBACK to the receiver/);
});

test("what would stay on the client of the pool is refused, and what ends with the transaction is not", async () => {
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.failed", async (_event, { tx }) => {
    await tx.query("SELECT 1; SET default_transaction_read_only = on");
  });
  hooks.connect.on("payout.paid", async (_event, { tx }) => {
    await tx.query("SET LOCAL statement_timeout = 12345; CREATE TEMP TABLE rows (n int) ON COMMIT DROP");
    await tx.query("INSERT INTO effects VALUES (current_setting('statement_timeout'))");
  });
  expect(await send(eventOf("payout.failed"))).toBe(200);
  expect(reports.at(-1)).toMatchObject({ outcome: "retry", says: expect.stringContaining("goes back to the pool") });
  for (let times = 0; times < 2; times++) expect(await send()).toBe(200);
  expect(await effects()).toEqual(["12345ms", "12345ms"]);
});

test("what a handler listens to on tx is its own: it hears notices of its statements, and leaves nothing on the client", async () => {
  const { hooks, send } = receiver();
  const heard: string[] = [];
  let listening: unknown[] = [];
  hooks.connect.on("payout.paid", async (event, { tx }) => {
    expect(tx.on("notice", ({ message }) => heard.push(`${event.id} ${message}`)).on("error", () => undefined)).toBe(tx);
    await tx.query("DO $$ BEGIN RAISE NOTICE 'first'; END $$");
    tx.once("notice", () => heard.push("once"));
    await tx.query("DO $$ BEGIN RAISE NOTICE 'second'; END $$");
    expect(tx.listenerCount("notice")).toBe(1);
  });
  const { prototype } = pg.Client as unknown as { prototype: pg.Client };
  for (const id of ["evt_1", "evt_2"]) {
    expect(await send(eventOf("payout.paid", { id }))).toBe(200);
    const client = await pool.connect();
    listening = [client.listenerCount("notice"), Object.hasOwn(prototype, "_events")];
    client.release();
  }
  expect(heard).toEqual(["evt_1 first", "evt_1 second", "once", "evt_2 first", "evt_2 second", "once"]);
  expect(listening).toEqual([0, false]);
});

test("a part of it can be undone by a savepoint", async () => {
  const { hooks, send } = receiver();
  hooks.connect.on("payout.paid", async (_event, { tx }) => {
    await tx.query("INSERT INTO effects VALUES ('kept')");
    await tx.query("SAVEPOINT part");
    await tx.query("INSERT INTO effects VALUES ('undone')");
    await tx.query("ROLLBACK TO SAVEPOINT part");
  });
  expect(await send()).toBe(200);
  expect(await effects()).toEqual(["kept"]);
});

test("a handler whose claim is lost keeps nothing, and neither does one whose commit fails; every client comes back", async () => {
  await pool.query("ALTER TABLE effects ADD CONSTRAINT once UNIQUE (name) DEFERRABLE INITIALLY DEFERRED");
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.paid", async (_event, { tx }) => {
    await tx.query("INSERT INTO effects VALUES ('lost')");
    // As if another process had taken it over.
    await tx.query('UPDATE "web hooks".carabiner_work SET fence = fence + 1');
  });
  hooks.connect.on("payout.failed", (_event, { tx }) => tx.query("INSERT INTO effects VALUES ('twice'), ('twice')"));
  hooks.connect.on("payout.created", (_event, { tx }) => tx.query("INSERT INTO effects VALUES ('kept')"));
  for (const type of ["payout.paid", "payout.failed", "payout.created"]) expect(await send(eventOf(type))).toBe(200);
  expect(reports.flatMap((report) => (report.kind === "handled" ? [report.outcome] : []))).toEqual(["lost", "retry", "done"]);
  expect(await effects()).toEqual(["kept"]);
  // The worker looks for more with its own client.
  await hooks.stop();
  // One that is on its way back when the worker stops comes back a moment later.
  await expect.poll(() => [pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0]);
});
