import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AccountPruneRequest, PruneRequest } from "../../store.ts";
import { SqliteConnection } from "../database/connection.ts";
import { GroupCommit } from "../database/group-commit.ts";
import { MEMORY, openDatabase } from "../database/open-database.ts";
import type { WorkScope } from "../database/scope.ts";
import { allWithin } from "../rows/delivery-number.ts";
import { migrate } from "../schema/migrate.ts";
import { MIGRATIONS } from "../schema/migrations.ts";
import { OLDEST, prune, pruneAccount } from "./prune.ts";

const BEFORE = 1_000;
const TABLES = ["events", "event_variants", "late_events", "deliveries", "attempts"] as const;
type Counts = Record<(typeof TABLES)[number], number>;

let connection: SqliteConnection;
let commits: GroupCommit;
let seed: number;
let position = OLDEST;
/** Rows that `prune` read. */
let looked = 0;
beforeEach(() => {
  const database = openDatabase(MEMORY);
  migrate(database, 0, MIGRATIONS, null);
  connection = new SqliteConnection(database);
  commits = new GroupCommit(connection, { turn: 0, event: 0, delivery: 0, eventTime: 0 });
  position = OLDEST;
  looked = 0;
});
afterEach(() => commits.close());

/** The same numbers in every run. */
function chance(below: number): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
}

/** The scope, which counts the rows that are read. */
function counting(scope: WorkScope): WorkScope {
  return new Proxy(scope, {
    get(_, name) {
      if (name !== "all") return (Reflect.get(scope, name) as (...given: unknown[]) => unknown).bind(scope);
      return (...given: Parameters<WorkScope["all"]>) => {
        const rows = scope.all(...given);
        looked += rows.length;
        return rows;
      };
    },
  });
}

async function pruneOnce(request: Partial<PruneRequest> & { limit: number }): Promise<number> {
  const nothing = { now: 0, eventsBefore: BEFORE, answersBefore: 0, requestsBefore: 0 };
  const done = await commits.run((scope) => prune(counting(scope), { ...nothing, ...request }, position));
  position = done.position;
  return done.rows;
}

const everything = () => Object.fromEntries(TABLES.map((table) => [table, connection.all(`SELECT * FROM ${table}`)]));
const counts = () =>
  Object.fromEntries(TABLES.map((table) => [table, connection.get(`SELECT count(*) AS count FROM ${table}`)?.count])) as Counts;

interface Owed {
  pending: boolean;
  attempts: number;
}

let lastEvent = 0;
let lastDelivery = 0;
function insertEvent(created: number, account = "acct_a"): number {
  const n = ++lastEvent;
  connection.run(
    `INSERT INTO events (n, id, account_id, livemode, type, created, object_id, application_id, body) VALUES (?, ?, ?, 0, 'a.b', ?, ?, NULL, x'00')`,
    [n, `evt_${n}`, account, created, `obj_${n}`],
  );
  return n;
}

function insertDelivery(event: number, { pending, attempts }: Owed, created = 0): void {
  const n = ++lastDelivery;
  connection.run(
    `INSERT INTO deliveries (n, id, kind, event, endpoint, owner, created, state, attempts, lease, due_at, next_attempt_at)
     VALUES (?, ?, 0, ?, 1, 1, ?, ?, ?, 0, 0, 0)`,
    [n, `dlv_${n}`, event, created, pending ? 0 : 1, attempts],
  );
  for (let nth = 1; nth <= attempts; nth++)
    connection.run(
      `INSERT INTO attempts (key, at, duration_ms, outcome, reason, request_headers, response_headers, response_body)
       VALUES (?, 0, 0, 'succeeded', '', '{}', '{}', ?)`,
      [allWithin(n)[0] + nth, nth % 2 === 0 ? "" : "ok"],
    );
}

/** Events of all ages with deliveries of all kinds: few have many, some came later than others of their event. */
function insertAtRandom(limit: number): void {
  const owed = (): Owed => ({ pending: chance(12) === 0, attempts: chance(20) === 0 ? 2 * limit + chance(3) : chance(3) });
  const events: number[] = [];
  for (let made = 0; made < 40; made++) {
    if (chance(9) === 0) lastEvent += chance(3);
    if (chance(9) === 0) lastDelivery += chance(3);
    // Nearly in the order of their times, with equal ones; some are published much later.
    const created = chance(10) === 0 ? chance(2 * BEFORE) : Math.floor(made / 2) * 70 - chance(100);
    const event = insertEvent(created, `acct_${chance(3)}`);
    events.push(event);
    const many = chance(8) === 0 ? limit + chance(2 * limit) : chance(4);
    const pending = chance(3) === 0;
    for (let to = 0; to < many; to++) insertDelivery(event, { ...owed(), ...(pending ? {} : { pending: false }) }, created);
    for (let variant = chance(3); variant > 0; variant--)
      connection.run("INSERT INTO event_variants VALUES (?, ?, x'00')", [event, `v${variant}`]);
    if (chance(5) === 0) connection.run("INSERT INTO late_events VALUES (?, ?, ?)", [event, created, created + 500]);
    const earlier = events[chance(events.length)];
    if (chance(4) === 0 && earlier !== undefined) insertDelivery(earlier, owed(), created);
  }
  // Those of which the attempts went before.
  connection.run("DELETE FROM attempts WHERE key / 65536 % 11 = 0");
}

/** What is left when all that is old has gone, by the plainest statements. */
function leftWithout(old: string): unknown {
  connection.run("BEGIN");
  const gone = `SELECT n FROM events e WHERE ${old} AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = e.n AND d.state = 0)`;
  const kept = `NOT IN (SELECT n FROM events)`;
  connection.run(`DELETE FROM events WHERE n IN (${gone})`);
  connection.run(`DELETE FROM event_variants WHERE event ${kept}`);
  connection.run(`DELETE FROM late_events WHERE n ${kept}`);
  connection.run(`DELETE FROM deliveries WHERE event ${kept}`);
  connection.run("DELETE FROM attempts WHERE key / 65536 NOT IN (SELECT n FROM deliveries)");
  const left = everything();
  connection.run("ROLLBACK");
  return left;
}

/** That nothing hangs on a row that is gone, and that no more than a limit of each kind went. */
function expectBounded(before: Counts, limit: number): Counts {
  const after = counts();
  for (const table of ["events", "deliveries", "attempts"] as const) expect(before[table] - after[table]).toBeLessThanOrEqual(limit);
  expect(connection.all("SELECT n FROM deliveries WHERE event NOT IN (SELECT n FROM events)")).toEqual([]);
  expect(connection.all("SELECT key FROM attempts WHERE key / 65536 NOT IN (SELECT n FROM deliveries)")).toEqual([]);
  expect(connection.all("SELECT variant FROM event_variants WHERE event NOT IN (SELECT n FROM events)")).toEqual([]);
  return after;
}

async function pruneAll(limit: number): Promise<number> {
  let before = counts();
  for (let calls = 1; ; calls++) {
    const rows = await pruneOnce({ limit });
    before = expectBounded(before, limit);
    if (rows === 0) return calls;
  }
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("events at random (seed %i)", (given) => {
  beforeEach(() => {
    seed = given;
  });

  test("all old events are deleted with everything that belongs to them, a limit at a time, except pending ones", async () => {
    const limit = 1 + chance(9);
    insertAtRandom(limit);
    const left = leftWithout(`created < ${BEFORE}`);
    expect(left).not.toEqual(everything());
    await pruneAll(limit);
    expect(everything()).toEqual(left);
    // What has ended since goes when it comes to them again.
    connection.run("UPDATE deliveries SET state = 1 WHERE state = 0 AND n % 3 = 0");
    const then = leftWithout(`created < ${BEFORE}`);
    await pruneAll(limit);
    expect(everything()).toEqual(then);
  });

  test("those of one account go alone", async () => {
    const limit = 1 + chance(9);
    insertAtRandom(limit);
    // In the order in which they were recorded, up to the first young one.
    const young = connection.get("SELECT min(n) AS n FROM events WHERE account_id = 'acct_1' AND created >= ?", [BEFORE])?.n as number;
    const left = leftWithout(`account_id = 'acct_1' AND n < ${young}`);
    let before = counts();
    for (let after: number | null = 0; after !== null; before = expectBounded(before, limit)) {
      const request: AccountPruneRequest = { accountId: "acct_1", livemode: false, before: BEFORE, after, limit };
      ({ next: after } = await commits.run((scope) => pruneAccount(scope, request)));
    }
    expect(everything()).toEqual(left);
  });

  test("attempts, or what they were answered, go before", async () => {
    const limit = 1 + chance(9);
    insertAtRandom(limit);
    const young = connection.get("SELECT min(n) AS n FROM deliveries WHERE created >= ?", [BEFORE])?.n as number;
    const old = `key / 65536 IN (SELECT n FROM deliveries WHERE n < ${young} AND state <> 0)`;
    const emptied = connection.all(`SELECT key, CASE WHEN ${old} THEN '' ELSE response_body END AS response_body FROM attempts`);
    const kept = connection.all(`SELECT key FROM attempts WHERE NOT (${old})`);
    while ((await pruneOnce({ limit, eventsBefore: -BEFORE, attemptBodiesBefore: BEFORE })) > 0);
    expect(connection.all("SELECT key, response_body FROM attempts")).toEqual(emptied);
    while ((await pruneOnce({ limit, eventsBefore: -BEFORE, attemptsBefore: BEFORE })) > 0);
    expect(connection.all("SELECT key FROM attempts")).toEqual(kept);
  });
});

test("however many wait, each is looked at once before a sweep has come to its end", async () => {
  for (let n = 0; n < 400; n++) {
    const event = insertEvent(n);
    insertDelivery(event, { pending: n % 4 !== 0, attempts: 1 });
  }
  // An event and its delivery, of those that are kept as of those that go.
  const once = 2 * 400;
  await pruneAll(10);
  expect(counts()).toMatchObject({ events: 300, deliveries: 300, attempts: 300 });
  expect(looked).toBeGreaterThanOrEqual(once);
  // And of those at which a call ends, a little more.
  expect(looked).toBeLessThan(1.2 * once);
});

test("a sweep of attempts changes no more than about a limit of them at a time", async () => {
  for (let n = 0; n < 10; n++) insertDelivery(insertEvent(n), { pending: false, attempts: 6 });
  const left: number[] = [];
  while ((await pruneOnce({ limit: 10, eventsBefore: 0, attemptsBefore: BEFORE })) > 0) left.push(counts().attempts);
  expect(left).toEqual([48, 36, 24, 12, 0]);
});
