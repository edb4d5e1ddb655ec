import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DeliveryFilter, EventFilter } from "../packages/server/src/store/contract/transaction.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { storeFixture, TEST_KEYS } from "../packages/server/test/store/store-fixture.ts";
import { median, quantile, type Report } from "./report.ts";

/** `CARABINER_BENCH_DELIVERIES` sets another number. */
const DELIVERIES = Number(process.env.CARABINER_BENCH_DELIVERIES ?? 1_000_000);
/**
 * Ten million rows take many minutes to write. A file that `CARABINER_BENCH_FILE` names is kept, and read again by the
 * next run, which must have the same number of deliveries. As it ages, its last hours are no longer the last ones.
 */
const KEPT_FILE = process.env.CARABINER_BENCH_FILE;
/** Rows that one transaction writes while seeding: the log then stays smaller than the database. */
const SEEDED_AT_ONCE = 500_000;
const ACCOUNTS = 1_000;
const TYPES = 20;
const ENDPOINTS = 10;
/** Deliveries were made one after the other, this far apart. */
const APART_MS = 250;
const ASKED = 200;
const OWNER = { accountId: "acct_owner", livemode: false };
/** The account on which every fourth event happened. */
const LARGE = { accountId: "acct_large", livemode: false };
const REACH_MS = 50;

/**
 * What the lists of deliveries and events cost that operators narrow, for each filter, in one SQLite file. One in a
 * thousand deliveries has failed; one endpoint has a ten-thousandth of them; an account has a quarter of the events.
 */
export async function deliveryLists(): Promise<Report[]> {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  const file = KEPT_FILE ?? join(directory, "lists.db");
  try {
    if (!existsSync(file)) await seed(file, Date.now());
    const { now, endpoints } = seeded(file);
    const store = await openStore({ location: file, now, keys: TEST_KEYS });
    const filters: [name: string, filter: (n: number) => Partial<DeliveryFilter>][] = [
      ["all", () => ({})],
      ["one account", (n) => ({ eventAccountId: `acct_${n % ACCOUNTS}` })],
      ["one endpoint", (n) => ({ endpointId: endpoints[n % ENDPOINTS] as string })],
      ["a rare type", () => ({ eventType: "type.rare" })],
      ["exhausted", () => ({ state: "exhausted" })],
      ["status 503", () => ({ statuses: [[503, 503]] })],
      ["any 5xx of an account", (n) => ({ statuses: [[500, 599]], eventAccountId: `acct_${n % ACCOUNTS}` })],
      ["an hour", (n) => ({ created: { gte: now - (n % 20) * 3_600_000, lt: now - ((n % 20) - 1) * 3_600_000 } })],
      [
        "an endpoint's failures of a day",
        (n) => ({
          endpointId: endpoints[n % ENDPOINTS] as string,
          state: "exhausted",
          created: { gte: now - 24 * 3_600_000 },
        }),
      ],
    ];
    const eventFilters: [name: string, filter: (n: number) => Partial<EventFilter>][] = [
      ["all", () => ({})],
      ["one type", (n) => ({ types: [`type.${n % TYPES}`] })],
      ["twenty types", () => ({ types: Array.from({ length: TYPES }, (_, n) => `type.${n}`) })],
      ["a rare type", () => ({ types: ["type.rare"] })],
      ["a pattern of types", () => ({ typePattern: "type.1*" })],
      ["all but one type", () => ({ exceptTypes: ["type.1"] })],
      ["one object", (n) => ({ objectId: `po_${n}` })],
      ["not received", () => ({ deliverySuccess: false })],
      ["an hour", (n) => ({ created: { gte: now - (n % 20) * 3_600_000, lt: now - ((n % 20) - 1) * 3_600_000 } })],
    ];
    const reports: Report[] = [];
    for (const [name, filterOf] of filters)
      reports.push(await timed(store, `deliveries: ${name}`, (reads, n) => reads.deliveries({ ...OWNER, ...filterOf(n) }, { limit: 100 })));
    for (const [name, filterOf] of eventFilters)
      reports.push(await timed(store, `events: ${name}`, (reads, n) => reads.events({ ...LARGE, ...filterOf(n) }, { limit: 100 })));
    await store.close();
    return reports;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

type ReadsOf<Work> = Work extends (work: (reads: infer Reads) => Promise<unknown>) => unknown ? Reads : never;

async function timed(store: Store, name: string, ask: (reads: ReadsOf<Store["read"]>, n: number) => Promise<unknown>): Promise<Report> {
  const times: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    const began = performance.now();
    await store.read((reads) => ask(reads, n));
    times.push(performance.now() - began);
  }
  return {
    name,
    ours: quantile(times, 0.99),
    bare: null,
    ratio: null,
    reach: { atMost: REACH_MS },
    unit: "ms (p99)",
    settings: `${DELIVERIES.toLocaleString("en")} deliveries, ${ACCOUNTS} accounts, pages of 100, ${ASKED} times; median ${median(times).toFixed(1)} ms`,
  };
}

/** Writes the rows by SQL: through the server it would take an hour. */
async function seed(file: string, now: number): Promise<void> {
  const store = await openStore({ location: file, now, keys: TEST_KEYS });
  await storeFixture().endpoints(store, ENDPOINTS);
  await store.close();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000");
  const created = `${now} - (${DELIVERIES} - n) * ${APART_MS}`;
  // The last endpoint is a rare one.
  const endpoint = `CASE WHEN n % 10000 = 7 THEN ${ENDPOINTS} ELSE n % ${ENDPOINTS - 1} + 1 END`;
  const failed = "n % 1000 = 3";
  for (let first = 1; first <= DELIVERIES; first += SEEDED_AT_ONCE) {
    const last = Math.min(first + SEEDED_AT_ONCE - 1, DELIVERIES);
    const rows = `WITH RECURSIVE made (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM made WHERE n < ${last})`;
    database.exec(`
      BEGIN;
      ${rows} INSERT INTO events (n, id, account_id, livemode, type, created, object_id, application_id, body)
        SELECT n, printf('evt_%024d', n), CASE WHEN n % 4 = 1 THEN 'acct_large' ELSE 'acct_' || (n * 7919 % ${ACCOUNTS}) END, 0,
          CASE WHEN n % 50000 = 11 THEN 'type.rare' ELSE 'type.' || (n % ${TYPES}) END, ${created}, 'po_' || (n % 1000000), NULL, zeroblob(500) FROM made;
      ${rows} INSERT INTO deliveries (n, id, kind, event, endpoint, owner, variant, created, state, attempts, lease, due_at, next_attempt_at,
        settled_at, last_outcome)
        SELECT n, printf('dlv_%024d', n), 0, n, ${endpoint}, 1, NULL, ${created}, CASE WHEN ${failed} THEN 2 ELSE 1 END, 1, 1,
          ${created}, ${created}, ${created}, CASE WHEN ${failed} THEN CASE WHEN n % 3 = 0 THEN 503 ELSE 500 END ELSE 200 END FROM made;
      COMMIT;
      PRAGMA wal_checkpoint(TRUNCATE)`);
  }
  database.close();
}

/** When the last delivery was made, and the endpoints in the order in which they were made. */
function seeded(file: string): { now: number; endpoints: string[] } {
  const database = new DatabaseSync(file);
  const { deliveries, now } = database.prepare("SELECT max(n) AS deliveries, max(created) AS now FROM deliveries").get() as {
    deliveries: number;
    now: number;
  };
  const endpoints = (database.prepare("SELECT id FROM endpoints ORDER BY n").all() as { id: string }[]).map(({ id }) => id);
  database.close();
  if (deliveries !== DELIVERIES) throw new Error(`${file} has ${deliveries} deliveries, not ${DELIVERIES}`);
  return { now, endpoints };
}
