import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createReceiver, type Inbox } from "@carabiner/receiver";
import { postgresInbox } from "@carabiner/receiver/postgres";
import { sqliteInbox } from "@carabiner/receiver/sqlite";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/test-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { type CommandRun, runCommand } from "./captured-terminal.ts";

const SECRET = "whsec_test";
/** What the captured terminal takes for now. */
const NOW = Date.UTC(2026, 2, 1);

/** Posts an event to a receiver, and waits for its handlers. */
async function post(hooks: ReturnType<typeof receiver>, id: string, type: string): Promise<void> {
  const object = { id: "po_1", object: "payout" };
  const event = {
    id,
    object: "event",
    type,
    created: NOW / 1_000 - 60,
    livemode: false,
    account: "acct_1",
    api_version: "x",
    data: { object },
  };
  await postEvent(hooks, event);
}

async function postEvent(hooks: ReturnType<typeof receiver>, event: object): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(event));
  const signed = createHmac("sha256", SECRET)
    .update(`${NOW / 1_000}.`)
    .update(body)
    .digest("hex");
  const header = (name: string): string | undefined => (name === "stripe-signature" ? `t=${NOW / 1_000},v1=${signed}` : undefined);
  const answer = await hooks.handle({ method: "POST", header, body });
  expect(answer.status).toBe(200);
  await answer.settled;
}

/** A receiver that stands still at `NOW`: `dies` gives up at once, `waits` is tried again later, `works` is well. */
function receiver(inbox: Inbox<unknown>) {
  const clock = { now: () => NOW, sleep: () => new Promise<void>(() => undefined), random: () => 0 };
  const endpoints = { connect: { secret: SECRET, connect: true } };
  const hooks = createReceiver({ endpoints, livemode: false, inbox, clock, log: false, autoStart: false });
  hooks.connect
    .on("payout.failed", { id: "dies", attempts: 1 }, () => {
      throw new Error("no account\u001b[31m");
    })
    .on("payout.created", { id: "waits" }, () => {
      throw new Error("not yet");
    })
    .on("payout.paid", { id: "works" }, () => undefined)
    .on("v1.payout.failed", { id: "thin", attempts: 1 }, ({ fetchRelatedObject }) => fetchRelatedObject());
  return hooks;
}

/** A thin event as it is sent. */
const THIN = {
  id: "evt_thin",
  object: "v2.core.event",
  type: "v1.payout.failed",
  livemode: false,
  created: new Date(NOW - 60_000).toISOString(),
  related_object: { id: "po_1", type: "payout", url: "/v1/payouts/po_1" },
  context: "acct_1",
};

async function fill(inbox: Inbox<unknown>): Promise<void> {
  const hooks = receiver(inbox);
  for (const [id, type] of [
    ["evt_dead", "payout.failed"],
    ["evt_dead_too", "payout.failed"],
    ["evt_waits", "payout.created"],
    ["evt_done", "payout.paid"],
  ] as const)
    await post(hooks, id, type);
}

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-inbox-"));
  file = join(folder, "webhooks.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

let at: string;
const run = (...args: string[]): Promise<CommandRun> => runCommand(["inbox", ...args], { env: { CARABINER_INBOX: at } });
const json = async (...args: string[]): Promise<unknown> => JSON.parse((await run(...args, "--json")).out) as unknown;

/** What every place of an inbox answers alike. */
function commands(): void {
  test("list shows what waits and what failed, and no text of an error steers the terminal", async () => {
    const { code, out } = await run("list");
    expect(code).toBe(EXIT_CODES.ok);
    expect(out.split("\n")).toHaveLength(5);
    expect(out).toMatch(/evt_dead +payout\.failed +dies +dead +1 .* Error: no account\\u001b\[31m/);
    expect(out).toMatch(/evt_waits +payout\.created +waits +pending +1 +2026-03-01 00:00:05 +- +Error: not yet/);
    expect(await json("list", "--state", "done", "--type", "payout.paid")).toMatchObject([{ handler: "works", event: { id: "evt_done" } }]);
    expect((await run("list", "--handler", "works", "--state", "dead")).err).toBe("No such work is in the inbox.");
    expect((await run("list", "--limit", "1")).out.split("\n")).toHaveLength(2);
  });

  test("show reports what happened to one event, and its body only on request", async () => {
    const { out } = await run("show", "evt_dead");
    expect(out).toMatch(/id +evt_dead\ntype +payout\.failed\naccount +acct_1\nmode +test/);
    expect(out).toMatch(/dies +dead +1/);
    expect(out).not.toContain("po_1");
    expect((await run("show", "evt_dead", "--body")).out).toContain('"data":{"object":{"id":"po_1"');
    const unknown = await run("show", "evt_nobody");
    expect([unknown.code, unknown.err]).toEqual([
      EXIT_CODES.notFound,
      "error: The inbox has no event evt_nobody.\n  List what it has with `carabiner inbox list`.",
    ]);
    const retried = await run("retry", "evt_nobody");
    expect([retried.code, retried.out]).toEqual([EXIT_CODES.notFound, ""]);
  });

  test("dead lists dead letters; retry makes one, or all of them, due, and counts them first", async () => {
    expect(await json("dead")).toHaveLength(2);
    expect(await json("dead", "--since", "2026-02-28T23:00")).toHaveLength(2);
    expect((await run("dead", "--since", "2026-03-02")).err).toBe("No dead letters.");
    expect(await json("retry", "--dead", "--dry-run")).toEqual({ retried: 2, dry_run: true });
    expect(await json("retry", "--dead", "--dry-run", "--handler", "waits")).toEqual({ retried: 0, dry_run: true });
    expect((await run("retry", "evt_dead")).out).toBe("1 made due");
    expect(await json("dead")).toHaveLength(1);
    expect((await run("retry", "--dead", "--type", "payout.failed")).out).toBe("1 made due");
    expect((await run("retry", "evt_waits")).out).toBe("1 made due");
    expect((await run("retry", "evt_done")).err).toBe("evt_done has no work that is dead or waiting for a retry.");
    for (const wrong of [["retry"], ["retry", "evt_dead", "--dead"], ["retry", "evt_dead", "--dry-run"], ["dead", "--since", "soon"]])
      expect((await run(...wrong)).code, wrong.join(" ")).toBe(EXIT_CODES.usage);
    expect(await json("stats")).toMatchObject({ work: { pending: 3, done: 1, dead: 0 } });
  });

  test("stats counts by state and handler; orphans names handlers that are not registered", async () => {
    const { out } = await run("stats");
    expect(out).toMatch(/pending +1\ndone +1\ndead +2\n/);
    expect(out).toMatch(/HANDLER +PENDING +DEAD +QUARANTINED +OLDEST WAITS\ndies +0 +2 +0 +-\nwaits +1 +0 +0/);
    expect(await json("orphans", "--registered", "works, waits")).toMatchObject([{ handler: "dies", dead: 2 }]);
    expect((await run("orphans", "--registered", "dies,waits")).err).toBe("Every handler with work is registered.");
  });

  test("prune removes old settled events, and gives up work only if it is told to", async () => {
    expect(await json("prune", "--older-than", "5000d")).toEqual({ events: 0, dead: 0, quarantined: 0, marks: 0 });
    expect(await json("prune", "--older-than", "5000d", "--dead-older-than", "5000d")).toMatchObject({ dead: 0 });
    expect((await run("prune")).code).toBe(EXIT_CODES.usage);
    expect(await json("list")).toHaveLength(4);
  });
}

describe("a SQLite file", () => {
  beforeEach(async () => {
    at = file;
    const inbox = sqliteInbox(file);
    await fill(inbox);
    await inbox.close();
  });
  commands();

  test("a thin event is listed by its type, and shown as it was sent", async () => {
    const inbox = sqliteInbox(file);
    await postEvent(receiver(inbox), THIN);
    await inbox.close();
    expect(await json("dead", "--type", "v1.payout.failed")).toMatchObject([
      { handler: "thin", event: { id: "evt_thin", account: "acct_1" } },
    ]);
    const { out } = await run("show", "evt_thin", "--body");
    expect(out).toMatch(/id +evt_thin\ntype +v1\.payout\.failed\naccount +acct_1\nmode +test/);
    expect(out).toMatch(/thin +dead +1 .*NoClient: This receiver has no API client/);
    expect(out).toContain('"related_object":{"id":"po_1"');
  });

  test("prune removes settled events", async () => {
    const db = new DatabaseSync(file);
    db.exec("UPDATE carabiner_events SET received_at = received_at - 7200000");
    db.exec("UPDATE carabiner_work SET settled_at = settled_at - 7200000 WHERE state = 'dead'");
    db.close();
    expect(await json("prune", "--older-than", "1h", "--dead-older-than", "1h")).toEqual({ events: 3, dead: 2, quarantined: 0, marks: 0 });
    expect(await json("list")).toMatchObject([{ event: { id: "evt_waits" } }]);
  });

  test("tables of another version are not changed", async () => {
    const db = new DatabaseSync(file);
    db.exec("UPDATE carabiner_inbox SET version = 1");
    const { code, err } = await run("list");
    expect([code, err]).toEqual([
      EXIT_CODES.error,
      expect.stringMatching(/tables have version 1, but this program needs \d: start a receiver/),
    ]);
    expect(db.prepare("SELECT version FROM carabiner_inbox").get()).toEqual({ version: 1 });
    db.close();
  });
});

describe("a PostgreSQL database", () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeEach(async () => {
    database = await createTestDatabase();
    at = database.url;
    pool = new pg.Pool({ connectionString: database.url, max: 4 });
    await fill(postgresInbox(pool));
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });
  commands();

  test("one without an inbox gets none", async () => {
    await pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    const { code, err } = await run("list");
    expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining("There is no inbox: the table carabiner_inbox is missing.")]);
    expect((await pool.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).rows).toEqual([]);
    const elsewhere = await run("list", "--schema", "nowhere");
    expect(elsewhere.code).toBe(EXIT_CODES.error);
  });
});

test("a file that is not an inbox is neither created nor changed, and a place must be named", async () => {
  at = file;
  expect((await run("list")).err).toContain(`There is no file ${file}.`);
  expect(existsSync(file)).toBe(false);
  symlinkSync(file, file);
  expect((await run("list")).err).toContain(`Cannot look at ${file}: its links lead in a circle (ELOOP).`);
  rmSync(file);
  const db = new DatabaseSync(file);
  db.exec("CREATE TABLE mine (n INTEGER)");
  db.close();
  const before = readFileSync(file);
  expect((await run("stats")).err).toContain("There is no inbox: the table carabiner_inbox is missing.");
  expect(readFileSync(file).equals(before)).toBe(true);
  writeFileSync(file, "no database");
  expect((await run("stats")).err).toContain("The inbox cannot be opened: file is not a database");
  at = "";
  const unnamed = await run("list");
  expect([unnamed.code, unnamed.err]).toEqual([EXIT_CODES.usage, expect.stringContaining("Name an inbox with --inbox (CARABINER_INBOX)")]);
});
