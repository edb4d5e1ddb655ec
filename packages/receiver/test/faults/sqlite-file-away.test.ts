import { copyFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Inbox, InboxUnavailable } from "../../src/inbox/inbox.ts";
import { sqliteInbox } from "../../src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver, type Report } from "../../src/index.ts";
import { CONNECT_SECRET, eventOf, webhook } from "../signed-webhook.ts";
import { turnedClock } from "../turned-clock.ts";

// Someone removes, moves or replaces the file of a running receiver. SQLite itself continues to write to it.

const LEASE_MS = 75_000;

let folder = "";
let file = "";
let inbox: Inbox<DatabaseSync>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-file-away-"));
  file = join(folder, "app.db");
  onFile((db) => db.exec("PRAGMA journal_mode = WAL; CREATE TABLE effects (name TEXT)"));
  inbox = sqliteInbox(file);
});
afterEach(async () => {
  await inbox.close();
  rmSync(folder, { recursive: true });
});

function onFile<T>(work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
const effects = (): unknown[] =>
  onFile((db) =>
    db
      .prepare("SELECT name FROM effects ORDER BY name")
      .all()
      .map(({ name }) => name),
  );

function receiver(on = inbox) {
  const reports: Report[] = [];
  const clock = turnedClock();
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: on,
    log: false,
    autoStart: false,
    clock,
    onReport: (report) => reports.push(report),
  });
  const outcome = () => reports.findLast(({ kind }) => kind === "handled");
  hooks.connect.on("payout.paid", (event, { tx }) => tx.prepare("INSERT INTO effects VALUES (?)").run(event.id));
  const send = async (id: string, type = "payout.paid"): Promise<number> => {
    const { status, settled } = await hooks.handle(webhook(eventOf(type, { id })));
    await settled;
    return status;
  };
  return { hooks, reports, outcome, clock, send };
}
const unavailable = (name: string) => ({
  kind: "refused",
  reason: "inbox_unavailable",
  says: expect.stringContaining(`${name} was removed or replaced while this process has it open`),
});

test.each([["app.db"], ["app.db-wal"], ["app.db-shm"]])(
  "while %s is away events are answered 503, and stored once it is back",
  async (name) => {
    const { hooks, reports, send } = receiver();
    expect(await send("evt_1")).toBe(200);
    renameSync(join(folder, name), join(folder, "away"));
    expect(await send("evt_2")).toBe(503);
    expect(reports.at(-1)).toMatchObject(unavailable(join(folder, name)));
    await expect(hooks.drain()).rejects.toThrow("was removed or replaced");
    expect(readdirSync(folder)).not.toContain(name);
    renameSync(join(folder, "away"), join(folder, name));
    expect(await send("evt_2")).toBe(200);
    expect(effects()).toEqual(["evt_1", "evt_2"]);
  },
);

test("once another file has its name nothing more is stored, until a new process opens that", async () => {
  const { reports, send } = receiver();
  expect(await send("evt_1")).toBe(200);
  onFile((db) => db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  copyFileSync(file, join(folder, "backup"));
  expect(await send("evt_2")).toBe(200);
  renameSync(join(folder, "backup"), file);
  for (const log of [`${file}-wal`, `${file}-shm`]) unlinkSync(log);
  expect(await send("evt_3")).toBe(503);
  expect(reports.at(-1)).toMatchObject(unavailable(file));
  await inbox.close();

  const next = receiver(sqliteInbox(file));
  // The sender sends what was refused again.
  expect(await next.send("evt_3")).toBe(200);
  expect(effects()).toEqual(["evt_1", "evt_3"]);
});

test("a removed file ends neither the worker nor stop()", async () => {
  const { hooks, reports, clock, send } = receiver();
  await hooks.start();
  expect(await send("evt_1")).toBe(200);
  unlinkSync(file);
  expect(await send("evt_2")).toBe(503);
  await clock.turn(3_000);
  expect(reports).toContainEqual({
    kind: "trouble",
    says: expect.stringMatching(/cannot be read: SQLite: .*app.db was removed or replaced/),
    error: expect.any(InboxUnavailable),
  });
  await hooks.stop();
  expect(existsSync(file)).toBe(false);
});

test("what a handler writes is not kept while the file is away, and the event is handled again once it is back", async () => {
  const { hooks, outcome, clock, send } = receiver();
  let moves = true;
  hooks.connect.on("payout.failed", async (event, { tx }) => {
    tx.prepare("INSERT INTO effects VALUES (?)").run(event.id);
    await Promise.resolve();
    if (moves) renameSync(file, join(folder, "away"));
  });
  expect(await send("evt_1", "payout.failed")).toBe(200);
  expect(outcome()).toMatchObject({ outcome: "retry", says: expect.stringContaining("was removed or replaced") });
  renameSync(join(folder, "away"), file);
  expect(effects()).toEqual([]);
  moves = false;
  await clock.turn(LEASE_MS);
  await hooks.drain();
  expect(effects()).toEqual(["evt_1"]);
});

test("a handler's connection makes no file in the place of the one that is away", async () => {
  const { hooks, outcome } = receiver();
  // The first event is stored, and then its handler is the first to need that connection.
  hooks.connect.on("payout.failed", (_event, { tx }) => tx.exec("INSERT INTO effects VALUES ('never')"));
  await inbox.prepare();
  const { store } = inbox;
  inbox.store = async (...given) => {
    const stored = await store(...given);
    renameSync(file, join(folder, "away"));
    return stored;
  };
  const { status, settled } = await hooks.handle(webhook(eventOf("payout.failed")));
  await settled;
  expect(status).toBe(200);
  expect(outcome()).toMatchObject({ outcome: "retry" });
  expect(existsSync(file)).toBe(false);
});

test("an event that finds the lock taken and the file beside the inbox away is answered 503", async () => {
  const { hooks, reports } = receiver();
  const holding = Promise.withResolvers<void>();
  const may = Promise.withResolvers<void>();
  hooks.connect.on("payout.failed", async (_event, { tx }) => {
    tx.exec("INSERT INTO effects VALUES ('held')");
    holding.resolve();
    await may.promise;
  });
  const first = hooks.handle(webhook(eventOf("payout.failed")));
  await holding.promise;
  const second = await hooks.handle(webhook(eventOf("payout.paid", { id: "evt_1" })));
  expect(second.status).toBe(200);
  unlinkSync(`${file}-carabiner-spool`);
  const third = await hooks.handle(webhook(eventOf("payout.paid", { id: "evt_2" })));
  expect(third.status).toBe(503);
  expect(reports.at(-1)).toMatchObject(unavailable(`${file}-carabiner-spool`));
  may.resolve();
  for (const { settled } of [await first, second]) await settled;
  await hooks.drain();
  expect(effects()).toContain("evt_1");
});
