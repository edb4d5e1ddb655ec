import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Inbox } from "../src/inbox/inbox.ts";
import { createSpool } from "../src/inbox/sqlite/spool.ts";
import { sqliteInbox } from "../src/inbox/sqlite/sqlite-inbox.ts";
import { arrivalOf, inboxEvent } from "../src/inbox-contract/inbox-fixture.ts";
import { createReceiver, type Report, type StripeClient } from "../src/index.ts";
import { fakeClient } from "./acceptance/order.ts";
import { CONNECT_SECRET, eventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

let folder = "";
let app: DatabaseSync;
let inbox: Inbox<DatabaseSync>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-sqlite-"));
  app = new DatabaseSync(join(folder, "app.db"));
  app.exec("CREATE TABLE effects (name TEXT)");
  // By the database the program has opened.
  inbox = sqliteInbox(app);
});
afterEach(async () => {
  await inbox.close();
  app.close();
  rmSync(folder, { recursive: true });
});

function receiver(stripe?: StripeClient) {
  const reports: Report[] = [];
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox,
    log: false,
    ...(stripe === undefined ? {} : { stripe }),
    clock: turnedClock(),
    onReport: (report) => reports.push(report),
  });
  const send = async (event = eventOf("payout.paid")): Promise<number> => {
    const { status, settled } = await hooks.handle(webhook(event));
    await settled;
    return status;
  };
  return { hooks, reports, send };
}
const effects = (): unknown[] =>
  app
    .prepare("SELECT name FROM effects")
    .all()
    .map(({ name }) => name);

test("the program's own connection writes while a handler runs that has not read tx, and sees effects when they are kept", async () => {
  const { hooks, send } = receiver();
  hooks.connect.on("payout.paid", async (_event, ctx) => {
    app.prepare("INSERT INTO effects VALUES ('the program itself')").run();
    await Promise.resolve();
    ctx.tx.prepare("INSERT INTO effects VALUES ('the handler')").run();
    expect(effects()).toEqual(["the program itself"]);
  });
  expect(await send()).toBe(200);
  expect(effects()).toEqual(["the program itself", "the handler"]);
});

test("an event that comes while a handler holds the lock is stored once that ends, and answered 200", async () => {
  const { hooks, reports, send } = receiver();
  const holding = Promise.withResolvers<void>();
  const may = Promise.withResolvers<void>();
  hooks.connect.on("payout.paid", async (event, { tx }) => {
    tx.prepare("INSERT INTO effects VALUES (?)").run(event.id);
    holding.resolve();
    await may.promise;
  });
  const first = send(eventOf("payout.paid", { id: "evt_first" }));
  await holding.promise;
  const second = send(eventOf("payout.paid", { id: "evt_second" }));
  may.resolve();
  expect(await Promise.all([first, second])).toEqual([200, 200]);
  await hooks.drain();
  await hooks.idle();
  expect(effects()).toEqual(["evt_first", "evt_second"]);
  expect(reports.filter(({ kind }) => kind === "refused")).toEqual([]);
});

test.each([
  ["at once", (tx: DatabaseSync) => tx.exec("COMMIT")],
  ["with a statement", (tx: DatabaseSync) => tx.prepare("END").run()],
  ["to begin another one", (tx: DatabaseSync) => tx.exec("/* mine */ ROLLBACK; BEGIN")],
])("a handler that ends the transaction by itself, %s, has failed, is told so, and nothing is kept", async (_how, ends) => {
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.paid", (_event, { tx }) => {
    tx.exec("INSERT INTO effects VALUES ('never')");
    ends(tx);
  });
  expect(await send()).toBe(200);
  expect(reports.at(-1)).toMatchObject({
    outcome: "retry",
    says: expect.stringContaining("leaves BEGIN, COMMIT and ROLLBACK to the receiver"),
  });
  expect(effects()).toEqual([]);
});

const LEAVES = "leaves BEGIN, COMMIT and ROLLBACK to the receiver";
test.each([
  ["the end of its transaction behind another statement", "SELECT 1; COMMIT", LEAVES],
  ["the end of the receiver's savepoint", "RELEASE Carabiner_Try", LEAVES],
  ["a conflict that ends its transaction", "INSERT OR ROLLBACK INTO once VALUES (1), (1)", "A conflict with OR ROLLBACK ends it"],
])("a handler with %s has failed, and nothing is kept, whatever it does then", async (_what, statements, says) => {
  app.exec("CREATE TABLE once (n INTEGER UNIQUE)");
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.paid", (_event, { tx }) => {
    const insert = tx.prepare("INSERT INTO effects VALUES ('never')");
    insert.run();
    let failed: unknown = null;
    try {
      tx.exec(statements);
    } catch (error) {
      failed = error;
    }
    expect(failed).toBeInstanceOf(Error);
    insert.run();
    throw failed;
  });
  expect(await send()).toBe(200);
  expect(reports.at(-1)).toMatchObject({ outcome: "retry", says: expect.stringContaining(says) });
  expect(effects()).toEqual([]);
});

test("a handler that leaves a read in the middle keeps none of those after it from writing", async () => {
  app.exec("CREATE TABLE many (n INTEGER); INSERT INTO many VALUES (1), (2), (3)");
  const { hooks, reports, send } = receiver();
  const kept: unknown[] = [];
  hooks.connect.on("payout.failed", (_event, { tx }) => {
    const reads = [tx.prepare("SELECT n FROM many").iterate(), tx.createTagStore().iterate`SELECT n FROM many`];
    kept.push(...reads.map((read) => read.next().value));
    kept.push(reads);
  });
  hooks.connect.on("payout.paid", (event, { tx }) => tx.prepare("INSERT INTO effects VALUES (?)").run(event.id));
  expect(await send(eventOf("payout.failed"))).toBe(200);
  expect(kept.slice(0, 2)).toEqual([{ n: 1 }, { n: 1 }]);
  expect(await send(eventOf("payout.paid", { id: "evt_after" }))).toBe(200);
  expect(reports.at(-1)).toMatchObject({ outcome: "done" });
  expect(effects()).toEqual(["evt_after"]);
});

test("a handler reads the limits of tx's connection, defines functions, and uses savepoints", async () => {
  const { hooks, send } = receiver();
  hooks.connect.on("payout.paid", (_event, { tx }) => {
    expect(tx.limits.length).toBeGreaterThan(1_000);
    expect(() => {
      tx.limits.length = 30;
    }).toThrow();
    tx.function("shout", (text) => `${String(text)}!`);
    tx.exec("SAVEPOINT mine; INSERT INTO effects VALUES ('undone'); ROLLBACK TO mine; RELEASE mine; SAVEPOINT left");
    tx.exec("INSERT INTO effects VALUES (shout('kept'))");
  });
  expect(await send()).toBe(200);
  expect(effects()).toEqual(["kept!"]);
});

test.each([
  ["makes it read-only", (tx: DatabaseSync) => tx.exec("PRAGMA query_only = ON")],
  ["makes it read-only behind another statement", (tx: DatabaseSync) => tx.exec("SELECT 1; PRAGMA query_only = ON")],
  ["keeps the file for itself", (tx: DatabaseSync) => tx.prepare("PRAGMA locking_mode = EXCLUSIVE").get()],
  ["attaches a database", (tx: DatabaseSync) => tx.exec("SELECT 1; ATTACH ':memory:' AS other")],
  ["lets it authorize nothing", (tx: DatabaseSync) => tx.setAuthorizer(() => 1)],
  ["makes a temporary table", (tx: DatabaseSync) => tx.exec("SELECT 1; CREATE TABLE temp.rows (n)")],
  ["makes a temporary trigger", (tx: DatabaseSync) => tx.exec("CREATE TEMP TRIGGER t INSERT ON effects BEGIN DELETE FROM effects; END")],
  ["makes a temporary index of words", (tx: DatabaseSync) => tx.exec("CREATE VIRTUAL TABLE temp.words USING fts5(word)")],
  ["replaces the whole database", (tx: DatabaseSync) => tx.deserialize(new DatabaseSync(":memory:").serialize())],
  ["records what others do", (tx: DatabaseSync) => tx.createSession()],
])("a handler that changes the connection of tx has failed, is told so, and those after it write: it %s", async (_how, changes) => {
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.failed", (_event, { tx }) => changes(tx));
  hooks.connect.on("payout.paid", (event, { tx }) => {
    expect(tx.prepare("PRAGMA table_info(effects)").all()).toHaveLength(1);
    tx.prepare("INSERT INTO effects VALUES (?)").run(event.id);
  });
  expect(await send(eventOf("payout.failed"))).toBe(200);
  expect(reports.at(-1)).toMatchObject({ outcome: "retry", says: expect.stringContaining("Use a connection of your own") });
  expect(await send(eventOf("payout.paid", { id: "evt_after" }))).toBe(200);
  expect(effects()).toEqual(["evt_after"]);
});

test("a handler that closes tx, as a connection of its own, takes it from nobody", async () => {
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.paid", (event, { tx }) => {
    using inner = tx;
    inner.prepare("INSERT INTO effects VALUES (?)").run(event.id);
    tx.close();
  });
  expect(await send(eventOf("payout.paid", { id: "evt_first" }))).toBe(200);
  expect(await send(eventOf("payout.paid", { id: "evt_second" }))).toBe(200);
  await hooks.idle();
  expect(reports.flatMap((report) => (report.kind === "handled" ? [report.outcome] : []))).toEqual(["done", "done"]);
  expect(effects()).toEqual(["evt_first", "evt_second"]);
});

test("tables of a newer version are left alone", async () => {
  await inbox.prepare();
  app.exec("UPDATE carabiner_inbox SET version = 99");
  const other = sqliteInbox(join(folder, "app.db"));
  await expect(other.prepare()).rejects.toThrow(/version 99, but this program knows \d+: update @carabiner\/receiver/);
});

test.each([
  { status: 200, counts: "authorized" },
  { status: 403, counts: "deauthorized" },
])("what an ended process left undecided counts as $counts when the API answers $status, and waits while it is away", async (api) => {
  let away = true;
  const { client } = fakeClient(() => {
    if (away) throw Object.assign(new Error("connect ECONNREFUSED"), { type: "StripeConnectionError" });
    if (api.status !== 200) throw Object.assign(new Error("does not have access"), { statusCode: api.status });
    return { id: "acct_1" };
  });
  const { hooks, reports, send } = receiver(client);
  await send(eventOf("account.application.authorized", { object: { id: "ca_1", object: "application" } }));
  const spool = createSpool(join(folder, "app.db-carabiner-spool"));
  const event = inboxEvent({ type: "account.application.deauthorized", objectId: "ca_1" });
  spool.keep(arrivalOf(event, [], { connection: { account: "acct_1", to: "deauthorized" } }));
  const status = () => app.prepare("SELECT status FROM carabiner_accounts").get()?.status;

  // As a program that only looks at the inbox: it has no client to ask.
  const other = sqliteInbox(join(folder, "app.db"));
  await other.prepare();
  await other.close();
  await hooks.prune();
  expect([status(), spool.left().length]).toEqual(["authorized", 1]);
  away = false;
  await hooks.prune();
  expect([status(), spool.left().length]).toEqual([api.counts, 0]);
  expect(reports.filter(({ kind }) => kind === "trouble")).toMatchObject([
    { says: expect.stringContaining(`${event.id} has the same second as the opposite event of acct_1; it counts as ${api.counts}`) },
  ]);
  spool.close();
});
