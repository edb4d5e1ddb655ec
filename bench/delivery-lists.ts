import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeliveryFilter, EventFilter } from "../packages/server/src/store/contract/transaction.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { storeFixture, TEST_KEYS } from "../packages/server/test/store/store-fixture.ts";
import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { median, quantile, type Report } from "./report.ts";
import { fillDatabase, fillFile, isEmpty, LISTED, type SeededLists, seededDatabase, seededFile } from "./seed-lists.ts";

/** `CARABINER_BENCH_DELIVERIES` sets a different number. */
const DELIVERIES = Number(process.env.CARABINER_BENCH_DELIVERIES ?? 1_000_000);
/**
 * Ten million rows take many minutes to write. The file that `CARABINER_BENCH_FILE` names, or the database at the URL
 * `CARABINER_BENCH_DATABASE`, is kept. The next run reads it again, and must use the same number of deliveries. As it
 * ages, its last hours are no longer the last ones. With either of them, the other store is left out.
 */
const KEPT_FILE = process.env.CARABINER_BENCH_FILE;
const KEPT_DATABASE = process.env.CARABINER_BENCH_DATABASE;
const ASKED = 200;
const REACH_MS = 50;

/**
 * What filtered lists of deliveries and events cost, for each filter and on each store. One in a thousand deliveries
 * has failed; one endpoint has a ten-thousandth of the deliveries; one account has a quarter of the events.
 */
export async function deliveryLists(): Promise<Report[]> {
  const reports: Report[] = [];
  if (KEPT_DATABASE === undefined || KEPT_FILE !== undefined) reports.push(...(await onFile()));
  if (KEPT_FILE === undefined || KEPT_DATABASE !== undefined) reports.push(...(await onDatabase()));
  return reports;
}

async function onFile(): Promise<Report[]> {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  const file = KEPT_FILE ?? join(directory, "lists.db");
  try {
    if (!existsSync(file)) {
      const now = Date.now();
      await withEndpoints(file, now);
      fillFile(file, DELIVERIES, now);
    }
    return await listsOf(file, "SQLite", seededFile(file, DELIVERIES));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function onDatabase(): Promise<Report[]> {
  const postgres = KEPT_DATABASE === undefined ? await startPostgres() : null;
  const url = KEPT_DATABASE ?? (postgres?.url as string);
  try {
    if (await isEmpty(url)) {
      const now = Date.now();
      await withEndpoints(url, now);
      await fillDatabase(url, DELIVERIES, now);
    }
    return await listsOf(url, "PostgreSQL", await seededDatabase(url, DELIVERIES));
  } finally {
    await postgres?.stop();
  }
}

async function withEndpoints(location: string, now: number): Promise<void> {
  const store = await openStore({ location, now, keys: TEST_KEYS });
  await storeFixture().endpoints(store, LISTED.endpoints);
  await store.close();
}

async function listsOf(location: string, engine: string, { now, endpoints }: SeededLists): Promise<Report[]> {
  const store = await openStore({ location, now, keys: TEST_KEYS });
  try {
    const filters: [name: string, filter: (n: number) => Partial<DeliveryFilter>][] = [
      ["all", () => ({})],
      ["one account", (n) => ({ eventAccountId: `acct_${n % LISTED.accounts}` })],
      ["one endpoint", (n) => ({ endpointId: endpoints[n % LISTED.endpoints] as string })],
      ["a rare type", () => ({ eventType: "type.rare" })],
      ["exhausted", () => ({ state: "exhausted" })],
      ["status 503", () => ({ statuses: [[503, 503]] })],
      ["any 5xx of an account", (n) => ({ statuses: [[500, 599]], eventAccountId: `acct_${n % LISTED.accounts}` })],
      ["an hour", (n) => ({ created: { gte: now - (n % 20) * 3_600_000, lt: now - ((n % 20) - 1) * 3_600_000 } })],
      [
        "an endpoint's failures of a day",
        (n) => ({
          endpointId: endpoints[n % LISTED.endpoints] as string,
          state: "exhausted",
          created: { gte: now - 24 * 3_600_000 },
        }),
      ],
    ];
    const eventFilters: [name: string, filter: (n: number) => Partial<EventFilter>][] = [
      ["all", () => ({})],
      ["one type", (n) => ({ types: [`type.${n % LISTED.types}`] })],
      ["twenty types", () => ({ types: Array.from({ length: LISTED.types }, (_, n) => `type.${n}`) })],
      ["a rare type", () => ({ types: ["type.rare"] })],
      ["a pattern of types", () => ({ typePattern: "type.1*" })],
      ["all but one type", () => ({ exceptTypes: ["type.1"] })],
      ["one object", (n) => ({ objectId: `po_${n}` })],
      ["not received", () => ({ deliverySuccess: false })],
      ["an hour", (n) => ({ created: { gte: now - (n % 20) * 3_600_000, lt: now - ((n % 20) - 1) * 3_600_000 } })],
    ];
    const reports: Report[] = [];
    for (const [name, filterOf] of filters)
      reports.push(
        await timed(store, `${engine}, deliveries: ${name}`, (reads, n) =>
          reads.deliveries({ ...LISTED.owner, ...filterOf(n) }, { limit: 100 }),
        ),
      );
    for (const [name, filterOf] of eventFilters)
      reports.push(
        await timed(store, `${engine}, events: ${name}`, (reads, n) => reads.events({ ...LISTED.large, ...filterOf(n) }, { limit: 100 })),
      );
    return reports;
  } finally {
    await store.close();
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
    settings: `${DELIVERIES.toLocaleString("en")} deliveries, ${LISTED.accounts} accounts, pages of 100, ${ASKED} times; median ${median(times).toFixed(1)} ms`,
  };
}
