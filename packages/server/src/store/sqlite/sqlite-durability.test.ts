import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attemptOf, START, settlementOf, storeFixture, TEST_KEYS } from "../../../test/store/store-fixture.ts";
import type { Claim, HotLane } from "../contract/delivery-store.ts";
import type { DeliveryFilter } from "../contract/transaction.ts";
import { COUNTED } from "../delivery-ways.ts";
import { openStore } from "../open-store.ts";
import { SecretBox } from "../secret-box.ts";
import { type Store, StoreUnavailable, UnusableFile } from "../store.ts";
import { MEMORY, openDatabase } from "./database/open-database.ts";
import type { WorkScope } from "./database/scope.ts";
import { CLAIM_SQL } from "./deliveries/claim-due.ts";
import { SETTLE_SQL } from "./deliveries/settle.ts";
import { migrate } from "./schema/migrate.ts";
import { MIGRATIONS } from "./schema/migrations.ts";
import { SqliteReads } from "./sqlite-reads.ts";
import { createSqliteStore } from "./sqlite-store.ts";

/** Tests of this store only: the file, its lock, its schema, and a disk that is full. */

let folder: string;
let file: string;
const stores: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-sqlite-"));
  file = join(folder, "carabiner.db");
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

async function open(location = file): Promise<Store> {
  const store = await openStore({ location, now: START, keys: TEST_KEYS });
  stores.push(store);
  return store;
}

const everything = {
  leaseMs: 90_000,
  limit: 1_000,
  perEndpoint: 1_000,
  perFailingEndpoint: 1_000,
  rateSpanMs: 1_000,
  busy: new Set<string>(),
};

describe("a database file", () => {
  test("belongs to the one who opened it first", async () => {
    await open();
    await expect(open()).rejects.toThrow(/in use by another process/);
    const other = spawnSync(
      process.execPath,
      ["-e", `new (require("node:sqlite").DatabaseSync)(${JSON.stringify(file)}).prepare("SELECT count(*) FROM events").get()`],
      { encoding: "utf8" },
    );
    expect(other.stderr).toMatch(/database is locked/);
    await stores.splice(0)[0]?.close();
    await expect(open()).resolves.toBeDefined();
  });

  test("is refused when it cannot be opened", async () => {
    await expect(open(join(folder, "nowhere", "carabiner.db"))).rejects.toBeInstanceOf(UnusableFile);
  });

  test("is refused when it is another program's, or no database", async () => {
    const other = new DatabaseSync(file);
    other.exec("CREATE TABLE notes (text TEXT)");
    other.close();
    await expect(open()).rejects.toThrow(/not a Carabiner database/);
    await expect(open("mysql://me:secret@example.com/db")).rejects.toThrow(
      "No store can open mysql://…: name a file, a PostgreSQL database, or memory.",
    );
  });

  test("is refused when a newer schema is in it", async () => {
    await open();
    await stores.splice(0)[0]?.close();
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    await expect(open()).rejects.toThrow(/newer Carabiner/);
  });

  test("is brought up to date step by step, and a step that fails leaves the ones before", () => {
    const database = openDatabase(MEMORY);
    const version = () => database.prepare("PRAGMA user_version").get()?.user_version;
    migrate(database, START);
    expect(version()).toBe(MIGRATIONS.length);
    const steps = [...MIGRATIONS, "CREATE TABLE more (n INTEGER) STRICT", "CREATE TABLE broken (n WRONG) STRICT"];
    expect(() => migrate(database, START + 1, steps)).toThrow(/WRONG/);
    expect(version()).toBe(MIGRATIONS.length + 1);
    migrate(database, START + 2, [...steps.slice(0, -1), "CREATE TABLE mended (n INTEGER) STRICT"]);
    expect(database.prepare("SELECT * FROM migrations ORDER BY version").all()).toMatchObject([
      ...MIGRATIONS.map((_, step) => ({ version: step + 1, applied_at: START })),
      { version: MIGRATIONS.length + 1, applied_at: START + 1 },
      { version: MIGRATIONS.length + 2, applied_at: START + 2 },
    ]);
    database.close();
  });

  test("is made in one commit: a step that fails leaves nothing", () => {
    const database = openDatabase(MEMORY);
    expect(() => migrate(database, START, [...MIGRATIONS, "CREATE TABLE broken (n WRONG) STRICT"])).toThrow(/WRONG/);
    expect(database.prepare("SELECT name FROM sqlite_schema").all()).toEqual([]);
    expect(database.prepare("PRAGMA application_id").get()).toEqual({ application_id: 0 });
    migrate(database, START);
    expect(database.prepare("SELECT count(*) AS steps FROM migrations").get()).toEqual({ steps: MIGRATIONS.length });
    database.close();
  });

  test("is written ahead, synced at every commit, and nobody else's", async () => {
    const database = openDatabase(file);
    const pragma = (name: string) => database.prepare(`PRAGMA ${name}`).get()?.[name];
    expect([pragma("journal_mode"), pragma("synchronous"), pragma("locking_mode")]).toEqual(["wal", 2, "exclusive"]);
    database.close();
  });
});

describe("when the disk is full", () => {
  /** A store whose database may grow by no more than `pages`, and the way to give it more room. */
  function tight(pages: number): { store: Store; makeRoom(): void } {
    const database = openDatabase(file);
    const store = createSqliteStore(database, START, new SecretBox(TEST_KEYS, randomBytes));
    stores.push(store);
    const used = Number(database.prepare("PRAGMA page_count").get()?.page_count);
    database.exec(`PRAGMA max_page_count = ${used + pages}`);
    return { store, makeRoom: () => database.exec("PRAGMA max_page_count = 1000000") };
  }

  test("everything that the commit would have written is refused, work that was not reached runs separately, and with free space the same store continues", async () => {
    const { store, makeRoom } = tight(8);
    const make = storeFixture();
    const [endpoint] = await make.endpoints(store, 1);
    if (endpoint === undefined) throw new Error("no endpoint");
    let held = 0;
    const accepted: Claim[] = [];
    const lane: HotLane = {
      reserve: (_endpointId, now) => {
        held++;
        return { leaseUntil: now + 90_000 };
      },
      accept: (claims) => accepted.push(...claims),
      release: (_endpointId, count) => {
        held -= count;
      },
      due: () => undefined,
      changed: () => undefined,
    };
    store.attach(lane);
    const small = make.owe(store, endpoint, 1);
    const large = store.transaction(async (tx) => {
      await tx.saveSetting("large", "x".repeat(500_000));
    });
    const after = store.transaction((tx) => tx.saveSetting("after", 1));
    const results = await Promise.allSettled([small, large, after]);
    expect(results.pop()).toMatchObject({ status: "fulfilled" });
    for (const result of results) {
      expect(result.status).toBe("rejected");
      const { reason } = result as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(StoreUnavailable);
      expect(reason.message).toContain("the disk is full");
      expect(reason.cause).toMatchObject({ errcode: 13 });
    }
    expect({ held, accepted }).toEqual({ held: 0, accepted: [] });
    expect(await store.nextDueAt()).toBeNull();
    expect(await store.read(async (reads) => [await reads.setting("large"), await reads.setting("after")])).toEqual([null, 1]);

    makeRoom();
    const owed = await make.owe(store, endpoint, 1);
    await store.transaction((tx) => tx.saveSetting("large", "x".repeat(500_000)));
    expect(accepted.map(({ deliveryId }) => deliveryId)).toEqual(owed.map(({ id }) => id));
    const [claim] = accepted as [Claim];
    expect(await store.settle([settlementOf(claim, { state: "succeeded" }, START)], [])).toEqual({ refused: [] });
    await stores.splice(0)[0]?.close();
    const again = await open();
    expect(await again.read((reads) => reads.attempts(claim.deliveryId))).toEqual([attemptOf(claim, START)]);
  });

  test("work that swallows the failure is still refused", async () => {
    const { store } = tight(4);
    const swallowing = store.transaction(async (tx) => {
      await tx.saveSetting("large", "x".repeat(500_000)).catch(() => undefined);
    });
    await expect(swallowing).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test("a claim is refused, and what it would have taken is due once there is room", async () => {
    const database = openDatabase(file);
    const store = createSqliteStore(database, START, new SecretBox(TEST_KEYS, randomBytes));
    stores.push(store);
    const make = storeFixture();
    const [endpoint] = await make.endpoints(store, 1);
    if (endpoint === undefined) throw new Error("no endpoint");
    await make.owe(store, endpoint, 300);
    database.exec("PRAGMA query_only = ON");
    await expect(store.claimDue({ ...everything, now: START })).rejects.toThrow("the database cannot be written");
    database.exec("PRAGMA query_only = OFF");
    expect(await store.claimDue({ ...everything, now: START })).toHaveLength(300);
  });
});

describe("rows are found by an index, whatever the backlog, and come in its order", () => {
  function expectIndexed(sql: string, sorted = false): void {
    const database = openDatabase(MEMORY);
    migrate(database, START);
    const steps = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      expect(step).not.toMatch(/^SCAN (?!\(|CONSTANT ROW)/);
      if (!sorted) expect(step).not.toMatch(/TEMP B-TREE/);
    }
    database.close();
  }

  test.each(Object.entries(CLAIM_SQL))("by a claim: %s", (_name, sql) => expectIndexed(sql));

  test.each(Object.entries(SETTLE_SQL))("by a settlement: %s", (_name, sql) => expectIndexed(sql));

  test.each<Partial<DeliveryFilter>>([
    {},
    { state: "succeeded" },
    { state: "pending" },
    { state: "exhausted" },
    { state: "cancelled" },
    { eventId: "evt_1" },
    { endpointId: "we_1" },
    { eventId: "evt_1", endpointId: "we_1", state: "exhausted" },
    { eventAccountId: "acct_2" },
    { eventType: "customer.created", created: { gte: START, lt: START + 1 } },
    { statuses: [[500, 500]] },
    { statuses: [[400, 499]], endpointId: "we_1" },
    { fault: "timeout", state: "exhausted" },
    { state: "pending", tried: true, eventAccountId: "acct_2" },
  ])("by a list of deliveries: %o", async (filter) => {
    const asked: string[] = [];
    const counted: string[] = [];
    const scope = {
      // Too much of everything: the list must come in the order of an index.
      get: (sql: string) => {
        counted.push(sql);
        return { count: COUNTED, first: null, last: null };
      },
      all: (sql: string) => {
        asked.push(sql);
        return [];
      },
    } as Partial<WorkScope> as WorkScope;
    await new SqliteReads(scope, new SecretBox(TEST_KEYS, randomBytes)).deliveries(
      { accountId: "acct_1", livemode: false, ...filter },
      { limit: 10, startingAfter: "dlv_1" },
    );
    expect(asked).toHaveLength(1);
    // A delivery has few siblings of its event: they may be sorted.
    for (const sql of asked) expectIndexed(sql, filter.eventId !== undefined);
    for (const sql of counted) expectIndexed(sql);
  });
});
