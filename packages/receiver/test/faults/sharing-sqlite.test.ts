import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../../src/clock.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import { sqliteInbox } from "../../src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver, type Report } from "../../src/index.ts";
import { systemClock } from "../../src/system-clock.ts";
import { CONNECT_SECRET, eventOf, webhook } from "../signed-webhook.ts";
import { turnedClock } from "../turned-clock.ts";
import type { Answered } from "./killed-while-spooling.ts";

// SQLite has one writer: handlers that use it, handlers that do not, and what arrives meanwhile.

let folder = "";
let app: DatabaseSync;
let inbox: Inbox<DatabaseSync>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-sharing-"));
  app = new DatabaseSync(join(folder, "app.db"));
  app.exec("PRAGMA journal_mode = WAL; CREATE TABLE effects (name TEXT)");
  inbox = sqliteInbox(join(folder, "app.db"));
});
afterEach(async () => {
  await inbox.close();
  app.close();
  rmSync(folder, { recursive: true });
});

function receiver(clock: Clock = turnedClock()) {
  const reports: Report[] = [];
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox,
    log: false,
    autoStart: false,
    clock,
    onReport: (report) => reports.push(report),
  });
  const send = (type: string, id: string) => hooks.handle(webhook(eventOf(type, { id })));
  const outcomes = () => reports.flatMap((report) => (report.kind === "handled" ? [`${report.event.id} ${report.outcome}`] : []));
  return { hooks, reports, send, outcomes };
}
const effects = (): unknown[] =>
  app
    .prepare("SELECT name FROM effects ORDER BY name")
    .all()
    .map(({ name }) => name);

test("handlers that do not use tx run side by side", async () => {
  const { hooks, send, outcomes } = receiver();
  const both = Promise.withResolvers<void>();
  let running = 0;
  hooks.connect.on("payout.paid", async () => {
    if (++running === 2) both.resolve();
    await both.promise;
  });
  const answers = await Promise.all([send("payout.paid", "evt_1"), send("payout.paid", "evt_2")]);
  await Promise.all(answers.map(({ settled }) => settled));
  expect(outcomes().sort()).toEqual(["evt_1 done", "evt_2 done"]);
});

test("while a handler holds tx and awaits, others are answered 200, and go into the inbox when it returns", async () => {
  const { hooks, reports, send, outcomes } = receiver();
  const holding = Promise.withResolvers<void>();
  const may = Promise.withResolvers<void>();
  hooks.connect
    .on("payout.paid", async (event, { tx }) => {
      tx.prepare("INSERT INTO effects VALUES (?)").run(event.id);
      holding.resolve();
      await may.promise;
    })
    .on("payout.failed", () => undefined);
  const first = send("payout.paid", "evt_holds");
  await holding.promise;
  const others = await Promise.all(Array.from({ length: 20 }, (_, n) => send("payout.failed", `evt_${n}`)));
  // The first one still holds the lock.
  expect(outcomes()).toEqual([]);
  expect(new Set(others.map(({ status }) => status))).toEqual(new Set([200]));
  may.resolve();
  await Promise.all([...others, await first].map(({ settled }) => settled));
  await hooks.drain();
  await hooks.idle();
  expect(outcomes().filter((outcome) => outcome.endsWith("done"))).toHaveLength(21);
  expect(reports.filter(({ kind }) => kind === "refused")).toEqual([]);
  expect((await hooks.depth({ settled: true })).work).toMatchObject({ done: 21, pending: 0 });
  const spool = new DatabaseSync(join(folder, "app.db-carabiner-spool"));
  expect(spool.prepare("SELECT count(*) AS left FROM spooled").get()).toEqual({ left: 0 });
  spool.close();
});

test("what was kept beside the file by a process that was killed goes in with the next", async () => {
  const child: ChildProcess = fork(join(import.meta.dirname, "killed-while-spooling.ts"), [join(folder, "app.db")], { execArgv: [] });
  const ended = new Promise<string | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  const statuses = await new Promise<Answered>((resolve) => child.once("message", (message) => resolve(message as Answered)));
  expect(statuses).toEqual([200, 200, 200]);
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
  expect(existsSync(join(folder, "app.db-carabiner-spool"))).toBe(true);
  // The other process went by the machine's time.
  const { hooks, outcomes } = receiver(systemClock);
  hooks.connect.on("payout.failed", () => undefined);
  await hooks.drain();
  await hooks.idle();
  expect(outcomes().sort()).toEqual(["evt_0 done", "evt_1 done", "evt_2 done"]);
});

test("a handler that finds tx taken is called again when it is free, and its effect is there once", async () => {
  const { hooks, send, outcomes } = receiver();
  const holding = Promise.withResolvers<void>();
  const tried = Promise.withResolvers<void>();
  const may = Promise.withResolvers<void>();
  const calls: string[] = [];
  hooks.connect
    .on("payout.paid", async (event, { tx }) => {
      tx.prepare("INSERT INTO effects VALUES (?)").run(event.id);
      holding.resolve();
      await may.promise;
    })
    .on("payout.failed", async (event, context) => {
      calls.push(`called for try ${context.attempt}`);
      tried.resolve();
      try {
        context.tx.prepare("INSERT INTO effects VALUES (?)").run(event.id);
      } catch {
        // A handler that swallows it has not succeeded either.
      }
    });
  const first = send("payout.paid", "evt_1");
  await holding.promise;
  const second = send("payout.failed", "evt_2");
  may.resolve();
  await tried.promise;
  for (const { settled } of await Promise.all([first, second])) await settled;
  await hooks.drain();
  await hooks.idle();
  expect(outcomes().sort()).toEqual(["evt_1 done", "evt_2 done"]);
  expect(effects()).toEqual(["evt_1", "evt_2"]);
  expect(new Set(calls)).toEqual(new Set(["called for try 1"]));
});

test("what a handler keeps of tx beyond its return is refused, and writes into nobody's transaction", async () => {
  const { hooks, send, outcomes } = receiver();
  let database: DatabaseSync | null = null;
  let statement: StatementSync | null = null;
  hooks.connect.on("payout.paid", (event, { tx }) => {
    if (database === null) {
      database = tx;
      statement = tx.prepare("INSERT INTO effects VALUES ('of another')");
    } else {
      tx.prepare("INSERT INTO effects VALUES (?)").run(event.id);
      expect(() => database?.exec("INSERT INTO effects VALUES ('of another')")).toThrow(/its transaction has ended/);
      expect(() => statement?.run()).toThrow(/its transaction has ended/);
    }
  });
  for (const id of ["evt_1", "evt_2"]) await (await send("payout.paid", id)).settled;
  expect(outcomes()).toEqual(["evt_1 done", "evt_2 done"]);
  expect(effects()).toEqual(["evt_2"]);
});
