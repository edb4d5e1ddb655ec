import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Page } from "../../contract/transaction.ts";
import type { Pace } from "../../pace.ts";
import type { SqlValue } from "../database/connection.ts";
import { migrate } from "../schema/migrate.ts";
import { eventsOfObject } from "./events-of-object.ts";
import type { Condition } from "./read-page.ts";

let folder: string;
let database: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-events-of-object-"));
  database = new DatabaseSync(join(folder, "carabiner.db"));
  database.exec("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  migrate(database, 0);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** Inserts an event for each number of a range, of one of 4,000 objects in turn or of a given one. */
function insertEvents(from: number, to: number, object: string | null = null): void {
  database
    .prepare(
      `WITH RECURSIVE made (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM made WHERE n < ?)
      INSERT INTO events (n, id, account_id, livemode, type, created, object_id, body)
      SELECT n, printf('evt_%024d', n), 'acct_1', 0, 'payout.paid', n, coalesce(?, printf('po_%024d', n * 7919 % 4000)), x'00' FROM made`,
    )
    .run(from, to, object);
}

test("events of objects that have many already change few pages", () => {
  insertEvents(1, 50_000);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  insertEvents(50_001, 50_500);
  // By objects alone it would be more than 300.
  expect(database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get()?.log).toBeLessThan(100);
});

const OBJECT = "po_000000000000000000000017";

/** Slices of a read, of so many rows. */
class CountedSlices implements Pace {
  taken = 0;
  readonly rows: number;

  constructor(rows: number) {
    this.rows = rows;
  }

  slice<T>(_owner: string, work: () => T | Promise<T>): T | Promise<T> {
    this.taken++;
    return work();
  }
}

/** What was asked of the index, with the rows that it found. */
let asked: { sql: string; values: SqlValue[]; rows: number }[] = [];
const scope = {
  get: (sql: string, ...values: SqlValue[]) => scope.all(sql, ...values)[0],
  all(sql: string, ...values: SqlValue[]) {
    const rows = database.prepare(sql).all(...values);
    asked.push({ sql, values, rows: rows.length });
    return rows;
  },
};

async function pageOfObject(page: Page, pace: Pace | null, within: Condition[] = [], also: Condition[] = []) {
  asked = [];
  const list = { owner: "acct_1", objectId: OBJECT, within, cursor: "(SELECT n FROM events WHERE id = ?)" };
  const { rows, hasMore } = await eventsOfObject(scope, pace, { ...list, conditions: [["object_id = ?", OBJECT], ...also] }, page);
  return { ids: rows.map(({ id }) => id), hasMore };
}

/** The same, from all events of the object. */
function plainPage({ limit, startingAfter, endingBefore }: Page, fits: (n: number) => boolean) {
  const all = database.prepare("SELECT n, id FROM events WHERE object_id = ? ORDER BY n DESC").all(OBJECT) as { n: number; id: string }[];
  const cursor = startingAfter ?? endingBefore;
  const at = database.prepare("SELECT n FROM events WHERE id = ?").get(cursor ?? "")?.n as number | undefined;
  const fitting = all.filter(({ n }) => {
    if (!fits(n) || (cursor !== undefined && at === undefined)) return false;
    return at === undefined || (endingBefore === undefined ? n < at : n > at);
  });
  const rows = endingBefore === undefined ? fitting.slice(0, limit) : fitting.slice(-limit);
  return { ids: rows.map(({ id }) => id), hasMore: fitting.length > limit };
}

const idOf = (n: number) => `evt_${String(n).padStart(24, "0")}`;

test.each([1, 2, 3])("pages of an object's events are what a plain filter gives, in slices of any size (seed %i)", async (seed) => {
  let state = seed;
  const chance = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  // Of four stretches the third is empty, and the others have gaps.
  const insert = database.prepare(
    "INSERT INTO events (n, id, account_id, livemode, type, created, object_id, body) VALUES (?, ?, 'acct_1', 0, ?, ?, ?, x'00')",
  );
  let last = 0;
  for (let n = 1 + chance(9); n < 65_536; n += 1 + chance(90)) {
    if (n >= 32_768 && n < 49_152) continue;
    last = n;
    // The last eight characters of both are the same.
    const object = [OBJECT, `tr_${OBJECT.slice(3)}`, "po_000000000000000000000018"][chance(3)] ?? "";
    insert.run(n, idOf(n), chance(2) === 0 ? "payout.paid" : "payout.failed", n, object);
  }
  const cursors = database.prepare("SELECT id FROM events").all() as { id: string }[];
  for (let question = 0; question < 60; question++) {
    const cursor = chance(9) === 0 ? "evt_none" : cursors[chance(cursors.length)]?.id;
    const page: Page = {
      limit: 1 + chance(chance(2) === 0 ? 5 : 300),
      ...(chance(3) === 0 ? {} : { [chance(2) === 0 ? "startingAfter" : "endingBefore"]: cursor }),
    };
    const from = chance(2) === 0 ? chance(last) : 0;
    const to = chance(2) === 0 ? chance(last) : last;
    const only =
      chance(2) === 0
        ? new Set(
            database
              .prepare("SELECT n FROM events WHERE type = 'payout.paid'")
              .all()
              .map(({ n }) => n),
          )
        : null;
    const pace = chance(4) === 0 ? null : new CountedSlices(1 + chance(chance(2) === 0 ? 40 : 1_000));
    const within: Condition[] = [
      ["n >= ?", from],
      ["n <= ?", to],
    ];
    expect(await pageOfObject(page, pace, within, only === null ? [] : [["type = ?", "payout.paid"]])).toEqual(
      plainPage(page, (n) => n >= from && n <= to && only?.has(n) !== false),
    );
  }
});

test("a page of an object's events is looked for by the index alone, each stretch once, until it is full", async () => {
  insertEvents(1, 80_000);
  const wanted = database.prepare("SELECT n FROM events WHERE object_id = ? ORDER BY n DESC").all(OBJECT);
  expect(wanted).toHaveLength(20);
  /** The stretches in which numbers were read. */
  const stretches = () => asked.filter(({ sql }) => sql.includes("events_of_object") && sql.includes("ORDER BY"));
  const pace = new CountedSlices(1_000);
  expect((await pageOfObject({ limit: 100 }, pace)).ids).toEqual(wanted.map(({ n }) => idOf(Number(n))));
  expect(stretches()).toHaveLength(5);
  expect(pace.taken).toBe(1);
  // Four or five events are in each stretch.
  expect((await pageOfObject({ limit: 3 }, pace)).hasMore).toBe(true);
  expect(stretches().length).toBeLessThanOrEqual(2);
  expect((await pageOfObject({ limit: 4, startingAfter: idOf(60_000) }, pace)).ids).toHaveLength(4);
  expect(stretches().length).toBeLessThanOrEqual(3);
  await pageOfObject({ limit: 100 }, pace, [
    ["n >= ?", 60_000],
    ["n < ?", 80_000],
  ]);
  expect(stretches()).toHaveLength(2);
  const plans = asked
    .filter(({ sql }) => sql.includes("events_of_object"))
    .flatMap(({ sql, values }) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values))
    .map(({ detail }) => String(detail))
    .filter((detail) => detail.includes("events"));
  expect(new Set(plans).size).toBe(2);
  for (const plan of plans) expect(plan).toContain("USING COVERING INDEX events_of_object (<expr>=? AND <expr>=?");
});

test("a slice looks at few events of an object, those that do not fit included", async () => {
  insertEvents(1, 2_000, OBJECT);
  const pace = new CountedSlices(500);
  expect(await pageOfObject({ limit: 10 }, pace, [], [["type = ?", "payout.failed"]])).toEqual({ ids: [], hasMore: false });
  expect(pace.taken).toBe(4);
  for (const { values } of asked.filter(({ sql }) => sql.includes("json_each"))) expect(JSON.parse(String(values[0]))).toHaveLength(500);
});

test("a slice looks at few stretches, those without anything included", async () => {
  insertEvents(1, 10);
  const far = 100 * 16_384;
  insertEvents(far, far + 10);
  const pace = new CountedSlices(1_000);
  expect(await pageOfObject({ limit: 10 }, pace)).toEqual({ ids: [], hasMore: false });
  // A hundred and one stretches, of which each counts as 32 rows.
  expect(pace.taken).toBe(4);
  expect(asked.filter(({ sql }) => sql.includes("events_of_object"))).toHaveLength(4);
});
