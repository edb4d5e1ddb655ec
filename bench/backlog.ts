import { constants, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Claim, Settlement } from "../packages/server/src/store/contract/delivery-store.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { TEST_KEYS } from "../packages/server/test/store/store-fixture.ts";
import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { startChild } from "./child.ts";
import { median, type Report, rate } from "./report.ts";
import { residentMegabytes } from "./resident-megabytes.ts";
import { type Owner, seedOwner, seedPending } from "./seed-store.ts";

const FEW = 1_000;
const MANY = 1_000_000;
/** How many deliveries are claimed and settled, and timed, in each case. */
const TIMED = 100_000;
const ENDPOINTS = 10;

/**
 * A file that `delivery-lists` has kept. A copy of it has these deliveries in addition to the pending ones. Without
 * this file there are only the pending ones.
 */
const KEPT_FILE = process.env.CARABINER_BENCH_FILE;

const OWNERS_DRAINED = 100;
const ENDPOINTS_DRAINED = 100;
const SAMPLE_MS = 1_000;

/**
 * What a large backlog costs. First a delivery's claim and settlement in the store alone, with a million pending
 * compared with a thousand, on each store. Then a server that starts on a million pending deliveries to ten thousand
 * endpoints and sends them all.
 */
export async function backlog(): Promise<Report[]> {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  const postgres = await startPostgres();
  try {
    return [
      await costOfBacklog("SQLite", join(directory, "few.db"), copyOfKept(join(directory, "many.db"))),
      await costOfBacklog("PostgreSQL", postgres.url, postgres.url),
      ...(await drain(join(directory, "drain.db"))),
    ];
  } finally {
    await postgres.stop();
    rmSync(directory, { recursive: true });
  }
}

/** The store for the large backlog: it has the kept deliveries, too, if there are any. */
function copyOfKept(copy: string): string {
  if (KEPT_FILE !== undefined) copyFileSync(KEPT_FILE, copy, constants.COPYFILE_FICLONE);
  return copy;
}

/** `few` and `many`: the locations of the stores with this many pending deliveries. */
async function costOfBacklog(name: string, few: string, many: string): Promise<Report> {
  const of = { few: await costOf(few, FEW), many: await costOf(many, MANY) };
  const kept = KEPT_FILE !== undefined && few !== many ? `, among those of ${KEPT_FILE}` : "";
  return {
    name: `a million pending, ${name}`,
    ours: of.many.elapsed,
    bare: of.few.elapsed,
    ratio: of.many.elapsed / of.few.elapsed,
    reach: { atMost: 1.2 },
    unit: "µs/delivery",
    settings:
      `claim and settlement of ${TIMED} deliveries, 1,000 at a time, ${MANY} pending to ${ENDPOINTS} endpoints${kept}, beside ${FEW}; fsync on; ` +
      `processor time ${of.many.processor.toFixed(1)} and ${of.few.processor.toFixed(1)} µs`,
  };
}

/** Microseconds. */
interface Cost {
  elapsed: number;
  processor: number;
}

/** What it costs to claim and settle a delivery while this many are pending. */
async function costOf(location: string, pending: number): Promise<Cost> {
  const now = Date.now();
  const store = await openStore({ location, now, keys: TEST_KEYS });
  const cost: Cost = { elapsed: 0, processor: 0 };
  try {
    const owner = await seedOwner(store, now, ENDPOINTS, (n) => `http://127.0.0.1:9/${n}`);
    // The first thousands warm up, and move what the seeding left in the log into the file.
    await seedPending(store, now, [owner], Math.max(pending, 5 * FEW));
    await claimAndSettle(store, now, 5 * FEW);
    for (let done = 0; done < TIMED; done += FEW) {
      await seedPending(store, now, [owner], FEW);
      const began = process.cpuUsage();
      cost.elapsed += ((await claimAndSettle(store, now, FEW)) * 1_000) / TIMED;
      const { user, system } = process.cpuUsage(began);
      cost.processor += (user + system) / TIMED;
    }
    return cost;
  } finally {
    await store.close();
  }
}

/** Claims what is due and settles it as delivered, as the engine does; returns how long that took, in milliseconds. */
async function claimAndSettle(store: Store, now: number, count: number): Promise<number> {
  const began = performance.now();
  for (let done = 0; done < count; ) {
    const claims = await store.claimDue({
      now,
      leaseMs: 90_000,
      limit: FEW,
      perEndpoint: FEW / ENDPOINTS,
      perFailingEndpoint: FEW / ENDPOINTS,
      rateSpanMs: 1_000,
      busy: new Set(),
    });
    if (claims.length === 0) throw new Error(`only ${done} of ${count} deliveries could be claimed`);
    const { refused } = await store.settle(
      claims.map((claim) => delivered(claim, now)),
      [],
    );
    if (refused.length > 0) throw new Error(`${refused.length} settlements were refused`);
    done += claims.length;
  }
  return performance.now() - began;
}

function delivered({ deliveryId, endpoint, token, attempt }: Claim, now: number): Settlement {
  return {
    deliveryId,
    endpointId: endpoint.id,
    token,
    attempt: {
      deliveryId,
      number: attempt,
      at: now,
      durationMs: 12,
      outcome: "succeeded",
      status: 200,
      reason: "The endpoint answered 200 OK.",
      retryAfterMs: null,
      phases: null,
      requestHeaders: { "stripe-signature": `t=1763942400,v1=${"0".repeat(64)}` },
      responseHeaders: { "content-length": "0" },
      responseBody: "",
    },
    next: { state: "succeeded" },
  };
}

async function drain(file: string): Promise<Report[]> {
  const { child: sink, hello } = await startChild<{ port: number }>("./sink.ts", ["raw"]);
  const now = Date.now();
  const store = await openStore({ location: file, now, keys: TEST_KEYS });
  const owners: Owner[] = [];
  for (let n = 0; n < OWNERS_DRAINED; n++)
    owners.push(await seedOwner(store, now, ENDPOINTS_DRAINED, (endpoint) => `http://127.0.0.1:${hello.port}/${n}/${endpoint}`));
  await seedPending(store, now, owners, MANY);
  await store.close();

  const began = performance.now();
  const { child: server } = await startChild("./server-process.ts", ["{}", file]);
  try {
    const rates: number[] = [];
    const memory: number[] = [];
    for (let before = 0, at = began; before < MANY; ) {
      await pause(SAMPLE_MS);
      const { count } = await sink.ask<{ count: number }>({ count: true });
      const sampledAt = performance.now();
      rates.push(rate(count - before, sampledAt - at));
      memory.push(residentMegabytes(server.pid));
      before = count;
      at = sampledAt;
    }
    const seconds = (performance.now() - began) / 1_000;
    // The first and the last sample include the start and the end.
    const steady = rates.slice(2, -1);
    const half = memory.slice(memory.length >> 1);
    const settings = `${MANY} pending deliveries to ${OWNERS_DRAINED * ENDPOINTS_DRAINED} endpoints, raw sink, one SQLite file, synchronous=FULL, sampled each second`;
    return [
      { name: "drain, deliveries/s", ours: MANY / seconds, bare: null, ratio: null, reach: null, unit: "deliveries/s", settings },
      {
        name: "drain, slowest second",
        ours: Math.min(...steady),
        bare: median(steady),
        ratio: Math.min(...steady) / median(steady),
        reach: null,
        unit: "deliveries/s",
        settings: "beside the median second",
      },
      {
        name: "drain, memory",
        ours: Math.max(...half),
        bare: median(memory.slice(0, memory.length >> 1)),
        ratio: Math.max(...half) / median(memory.slice(0, memory.length >> 1)),
        reach: { atMost: 1.2 },
        unit: "MB",
        settings: "the most of the second half beside the median of the first",
      },
    ];
  } finally {
    await server.stop();
    await sink.stop();
  }
}
