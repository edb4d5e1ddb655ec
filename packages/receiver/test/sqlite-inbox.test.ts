import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Inbox } from "../src/inbox/inbox.ts";
import { sqliteInbox } from "../src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver, type Report } from "../src/index.ts";
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

function receiver() {
  const reports: Report[] = [];
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox,
    log: false,
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

test("a handler that ends the transaction by itself has failed, and is told so", async () => {
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.paid", (_event, { tx }) => tx.exec("COMMIT"));
  expect(await send()).toBe(200);
  expect(reports.at(-1)).toMatchObject({ outcome: "retry", says: expect.stringContaining("leave COMMIT and ROLLBACK to the receiver") });
});

test("tables of a newer version are left alone", async () => {
  await inbox.prepare();
  app.exec("UPDATE carabiner_inbox SET version = 99");
  const other = sqliteInbox(join(folder, "app.db"));
  await expect(other.prepare()).rejects.toThrow(/version 99, but this program knows \d+: update @carabiner\/receiver/);
});
