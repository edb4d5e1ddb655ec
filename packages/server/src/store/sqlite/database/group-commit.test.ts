import { beforeEach, expect, test } from "vitest";
import type { HotLane } from "../../contract/delivery-store.ts";
import { StoreUnavailable } from "../../store.ts";
import { SqliteConnection, type SqlValue } from "./connection.ts";
import { GroupCommit } from "./group-commit.ts";
import { MEMORY, openDatabase } from "./open-database.ts";

/** Records the beginnings and ends of transactions. */
class WatchedConnection extends SqliteConnection {
  readonly seen: string[] = [];
  /** Whether the disk is full. */
  full = false;

  override run(sql: string, values: readonly SqlValue[] = []): number {
    if (/^(BEGIN|COMMIT|ROLLBACK$)/.test(sql)) this.seen.push(sql);
    if (this.full && sql === "COMMIT") throw new StoreUnavailable("The disk is full.");
    return super.run(sql, values);
  }
}

let connection: WatchedConnection;
let commits: GroupCommit;

beforeEach(() => {
  const database = openDatabase(MEMORY);
  database.exec("CREATE TABLE words (word TEXT UNIQUE)");
  connection = new WatchedConnection(database);
  commits = new GroupCommit(connection, { turn: 0, event: 0, delivery: 0, eventTime: 0 });
});

const add = (word: string) => commits.run((scope) => scope.run("INSERT INTO words VALUES (?)", word));
const words = () => commits.run((scope) => scope.all("SELECT word FROM words ORDER BY word").map(({ word }) => word));

test("work that arrives together shares one commit, and what fails takes only itself back", async () => {
  const results = await Promise.allSettled([add("a"), add("b"), words(), add("a"), add("c"), words()]);
  expect(results.map((result) => (result.status === "fulfilled" ? result.value : result.reason.name))).toEqual([
    1,
    1,
    ["a", "b"],
    "Conflict",
    1,
    ["a", "b", "c"],
  ]);
  // Work that failed after others had changed something: once more, with savepoints.
  expect(connection.seen).toEqual(["BEGIN IMMEDIATE", "ROLLBACK", "BEGIN IMMEDIATE", "COMMIT"]);
  connection.seen.length = 0;
  await Promise.all([add("d"), add("e"), words()]);
  expect(connection.seen).toEqual(["BEGIN IMMEDIATE", "COMMIT"]);
});

test("work that fails is run once more only when others changed something before it", async () => {
  const runs = [0, 0, 0];
  const failing = (index: number, change: boolean) =>
    commits.run((scope) => {
      runs[index] = (runs[index] ?? 0) + 1;
      if (change) scope.run("INSERT INTO words VALUES (?)", `failing ${index}`);
      throw new Error(`no ${index}`);
    });
  const results = await Promise.allSettled([failing(0, true), failing(1, false), add("a"), failing(2, false), words()]);
  expect(runs).toEqual([1, 1, 1]);
  expect(results.map((result) => (result.status === "fulfilled" ? result.value : result.reason.message))).toEqual([
    "no 0",
    "no 1",
    1,
    "no 2",
    ["a"],
  ]);
});

test("a group whose time is over commits, and leaves the process its turn before the rest", async () => {
  const database = openDatabase(MEMORY);
  database.exec("CREATE TABLE words (word TEXT UNIQUE)");
  connection = new WatchedConnection(database);
  let now = 0;
  commits = new GroupCommit(connection, { turn: 0, event: 0, delivery: 0, eventTime: 0 }, { time: { now: () => now, mostMs: 10 } });
  const seen: unknown[] = [];
  const takes = (ms: number, word: string) =>
    commits
      .run((scope) => {
        now += ms;
        return scope.run("INSERT INTO words VALUES (?)", word);
      })
      .then(
        () => seen.push(word),
        ({ name }) => seen.push(name),
      );
  const working = [takes(4, "a"), takes(5, "b"), takes(1, "c"), takes(30, "d"), takes(30, "d"), takes(1, "e")];
  const turns = async (): Promise<void> => {
    while (seen.at(-1) !== "e") {
      await new Promise((resolve) => setImmediate(resolve));
      if (seen.at(-1) !== "e") seen.push("turn");
    }
  };
  await Promise.all([...working, turns()]);
  // Each turn takes one new connection: several come before the rest of the work.
  expect(seen.slice(seen.indexOf("a")).join(" ")).toMatch(/^a b c( turn){10,} d( turn){10,} Conflict( turn){10,} e$/);
});

test("clients take turns, so that one with much work delays only itself, and each has its own in order", async () => {
  const database = openDatabase(MEMORY);
  database.exec("CREATE TABLE words (word TEXT)");
  let now = 0;
  const time = { now: () => now, mostMs: 10 };
  commits = new GroupCommit(new SqliteConnection(database), { turn: 0, event: 0, delivery: 0, eventTime: 0 }, { time });
  const seen: string[] = [];
  const large = (word: string, client?: string) =>
    commits.run((scope) => {
      now += 20;
      seen.push(word);
      scope.run("INSERT INTO words VALUES (?)", word);
    }, client);
  const between = (word: string, client: string) =>
    commits.between(() => {
      now += 20;
      seen.push(word);
    }, client);
  const working = [1, 2, 3, 4].map((n) => large(`a${n}`, "a"));
  working.push(large("b1", "b"), large("b2", "b"), large("server"));
  await Promise.all(working);
  expect(seen.join(" ")).toBe("a1 b1 server a2 b2 a3 a4");

  seen.length = 0;
  await Promise.all([between("a1", "a"), between("a2", "a"), between("a3", "a"), between("b1", "b"), large("c1", "c")]);
  // Reads between groups end a group's wait after their time, too.
  expect(seen.join(" ")).toBe("a1 c1 b1 a2 a3");
});

test("work that continues after the disk was full writes nothing more", async () => {
  // SQLite has then rolled back the whole transaction: a statement alone would be kept at once.
  const database = openDatabase(MEMORY);
  database.exec("CREATE TABLE words (word TEXT UNIQUE); PRAGMA max_page_count = 10");
  commits = new GroupCommit(new SqliteConnection(database), { turn: 0, event: 0, delivery: 0, eventTime: 0 });
  const goesOn = commits.run((scope) => {
    scope.run("INSERT INTO words VALUES ('before')");
    expect(() => scope.run("INSERT INTO words VALUES (?)", "long".repeat(100_000))).toThrow(StoreUnavailable);
    expect(() => scope.run("INSERT INTO words VALUES ('after')")).toThrow(StoreUnavailable);
  });
  await expect(goesOn).rejects.toThrow("Nothing can be stored: the disk is full.");
  expect(await words()).toEqual([]);
});

test("room that was reserved for work that runs again is released first", async () => {
  const reserved: string[] = [];
  const accepted: string[] = [];
  commits.attach({
    reserve({ id }) {
      reserved.push(id);
      return { leaseUntil: 9 };
    },
    accept: (claims) => accepted.push(...claims.map(({ deliveryId }) => deliveryId)),
    release(endpointId, count) {
      for (let index = 0; index < count; index++) reserved.splice(reserved.indexOf(endpointId), 1);
    },
    due: () => undefined,
    changed: () => undefined,
  });
  const hot = (deliveryId: string) =>
    commits.run((scope) => {
      scope.reserve({ id: `we_${deliveryId}`, accountId: "acct_1" }, 1, 2);
      scope.run("INSERT INTO words VALUES (?)", deliveryId);
      scope.handOver({ deliveryId } as Parameters<typeof scope.handOver>[0]);
    });
  await Promise.allSettled([hot("a"), hot("b"), hot("a"), hot("c")]);
  expect(accepted).toEqual(["a", "b", "c"]);
  expect(reserved.sort()).toEqual(["we_a", "we_b", "we_c"]);
});

test("a commit that fails fails what changed something; what only looked, before it and after it, runs again", async () => {
  await add("kept");
  connection.full = true;
  const results = await Promise.allSettled([words(), add("a"), words(), add("b"), words()]);
  expect(results.map((result) => (result.status === "fulfilled" ? result.value : result.reason.name))).toEqual([
    ["kept"],
    "StoreUnavailable",
    ["kept"],
    "StoreUnavailable",
    ["kept"],
  ]);
  connection.full = false;
  await add("c");
  expect(await words()).toEqual(["c", "kept"]);
});

test("work that only looks costs no commit", async () => {
  await Promise.all([words(), words(), commits.run(() => "nothing")]);
  expect(connection.seen).toEqual([]);
});

/**
 * Runs work that changes `rows` rows, and asks for two more pieces of work meanwhile. Resolves once all are committed.
 */
async function addTwoDuring(rows: number): Promise<void> {
  const first = commits.run(async (scope) => {
    for (let row = 0; row < rows; row++) scope.run("INSERT INTO words VALUES (?)", `during ${row}`);
    await Promise.resolve();
    return { later: [add("b"), add("c")] };
  });
  await Promise.all((await first).later);
}

test("work requested while a group runs joins it", async () => {
  await addTwoDuring(1);
  expect(connection.seen).toEqual(["BEGIN IMMEDIATE", "COMMIT"]);
  expect(await words()).toEqual(["b", "c", "during 0"]);
});

test("work that the event loop brings in the turn after joins the group too, and what then fails takes only itself back", async () => {
  const later = new Promise<PromiseSettledResult<number>[]>((resolve) => {
    void commits.run((scope) => {
      // The loop reads sockets before it runs immediates: this stands for what it reads.
      setImmediate(() => resolve(Promise.allSettled([add("b"), add("a"), add("c")])));
      return scope.run("INSERT INTO words VALUES ('a')");
    });
  });
  expect((await later).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(connection.seen).toEqual(["BEGIN IMMEDIATE", "ROLLBACK", "BEGIN IMMEDIATE", "COMMIT"]);
  expect(await words()).toEqual(["a", "b", "c"]);
});

test("work that keeps arriving one by one does not hold up the first of its group for long", async () => {
  let added = 0;
  let firstIsCommitted = false;
  const addNext = () => {
    if (firstIsCommitted || added === 100) return;
    void add(String(added++));
    setImmediate(addNext);
  };
  await commits.run((scope) => {
    setImmediate(addNext);
    return scope.run("INSERT INTO words VALUES ('first')");
  });
  firstIsCommitted = true;
  expect(added).toBeGreaterThan(1);
  expect(added).toBeLessThan(10);
});

test("a group that has changed many rows does not wait for more work", async () => {
  await addTwoDuring(1_000);
  expect(connection.seen).toEqual(["BEGIN IMMEDIATE", "COMMIT", "BEGIN IMMEDIATE", "COMMIT"]);
});

test("a flood is committed in groups of bounded size, in order", async () => {
  const all = Array.from({ length: 600 }, (_, index) => String(index).padStart(3, "0"));
  const order: string[] = [];
  await Promise.all(all.map((word) => add(word).then(() => order.push(word))));
  expect(order).toEqual(all);
  expect(connection.seen.filter((sql) => sql === "COMMIT")).toHaveLength(3);
});

test("a lane is called once for the whole group, in the order of its work, after the commit", async () => {
  const told: unknown[] = [];
  const lane: HotLane = {
    reserve: () => ({ leaseUntil: 9 }),
    accept: (claims) =>
      told.push(
        claims.map(({ deliveryId }) => deliveryId),
        connection.seen.at(-1),
      ),
    release: () => told.push("release"),
    changed: () => told.push("changed"),
    due: (at) => told.push(at),
  };
  commits.attach(lane);
  const hot = (deliveryId: string, due: number) =>
    commits.run((scope) => {
      scope.run("INSERT INTO words VALUES (?)", deliveryId);
      scope.reserve({ id: "we_1", accountId: "acct_1" }, 1, 2);
      scope.handOver({ deliveryId } as Parameters<typeof scope.handOver>[0]);
      scope.due(due);
    });
  await Promise.all([hot("a", 7), hot("b", 5), hot("c", 6)]);
  expect(told).toEqual([["a", "b", "c"], "COMMIT", 5]);
});
