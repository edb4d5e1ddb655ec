import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { durableObjectInbox } from "../src/inbox/durable-object/durable-object-inbox.ts";
import { createReceiver, type Report } from "../src/index.ts";
import { storageOn } from "./inbox-harnesses.ts";
import { CONNECT_SECRET, eventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

let db: DatabaseSync;
/** Why storage fails; null when it does not. */
let fault: Error | null;
beforeEach(() => {
  db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE effects (name TEXT NOT NULL)");
  fault = null;
});
afterEach(() => db.close());

function receiver() {
  const reports: Report[] = [];
  const clock = turnedClock();
  const storage = storageOn(db);
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: durableObjectInbox({
      sql: {
        exec(query, ...bindings) {
          if (fault !== null) throw fault;
          return storage.sql.exec(query, ...bindings);
        },
      },
      transactionSync: storage.transactionSync,
    }),
    log: false,
    clock,
    onReport: (report) => reports.push(report),
  });
  const send = (event = eventOf("payout.paid")) => hooks.handle({ ...webhook(event), shortLived: true });
  return { hooks, reports, send, clock };
}
const effects = (): unknown[] =>
  db
    .prepare("SELECT name FROM effects ORDER BY name")
    .all()
    .map(({ name }) => name);
const insert = (name: string) => (sql: { exec(query: string, name: string): unknown }) => sql.exec("INSERT INTO effects VALUES (?)", name);

test("what is written is undone when a later write of the same handler throws, and tried again", async () => {
  const { hooks, reports, send, clock } = receiver();
  hooks.connect.on("payout.paid", (_event, { tx, attempt }) => {
    tx.write(insert(`try ${attempt}`));
    tx.write(() => {
      if (attempt === 1) throw new Error("not yet");
    });
  });
  await (await send()).settled;
  expect(effects()).toEqual([]);
  expect(reports.at(-1)).toMatchObject({ kind: "handled", outcome: "retry" });
  await clock.turn(5_000);
  await hooks.drain();
  expect(effects()).toEqual(["try 2"]);
});

test("a write that would wait for something is refused, and undone", async () => {
  const { hooks, reports, send } = receiver();
  hooks.connect.on("payout.paid", (_event, { tx }) => {
    tx.write(async (sql) => insert("half")(sql));
  });
  await (await send()).settled;
  expect(effects()).toEqual([]);
  expect(reports.at(-1)).toMatchObject({
    outcome: "retry",
    says: expect.stringMatching(/it cannot wait for anything. Fetch first, then write/),
  });
});

test("a handler that waits after it has asked for a write holds up no other", async () => {
  const { hooks, send } = receiver();
  const may = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  hooks.connect.on("payout.paid", async (_event, { tx }) => {
    tx.write(insert("slow"));
    started.resolve();
    await may.promise;
  });
  hooks.connect.on("payout.failed", (_event, { tx }) => tx.write(insert("quick")));
  const slow = send();
  await started.promise;
  const quick = await send(eventOf("payout.failed"));
  await quick.settled;
  expect([quick.status, effects()]).toEqual([200, ["quick"]]);
  may.resolve();
  await (await slow).settled;
  expect(effects()).toEqual(["quick", "slow"]);
});

test("storage that is full is answered 503, and a fault of a statement is not taken for that", async () => {
  const { hooks, send } = receiver();
  hooks.connect.on("payout.paid", () => undefined);
  expect((await send()).status).toBe(200);
  fault = new Error("database or disk is full: SQLITE_FULL");
  expect((await send()).status).toBe(503);
  fault = null;
  hooks.connect.on("payout.failed", (_event, { tx }) => tx.write((sql) => sql.exec("INSERT INTO nowhere VALUES (1)")));
  await (await send(eventOf("payout.failed"))).settled;
  expect((await hooks.work({ state: "pending" })).map(({ error, attempts }) => [error, attempts])).toEqual([
    ["Error: no such table: nowhere", 1],
  ]);
});
