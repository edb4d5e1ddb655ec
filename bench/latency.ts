import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { createPlatform } from "../packages/server/src/index.ts";
import { TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";
import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { startChild } from "./child.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { median, medianRatio, quantile, type Report } from "./report.ts";
import { sampleObject } from "./sample-event.ts";

const ROUNDS = 7;
const SAMPLES = 300;
const WARM_UP = 100;

/** Until the node that answers has learnt what the other node takes, the other node has to claim. Milliseconds. */
const HEARD_MS = 3_000;

/** The server to publish on, and how to wait until it has nothing to do. */
interface Published {
  at: { url: string; key: string };
  idle(): Promise<void>;
}

/** Publishes this many events, one after another, and returns how long each took to arrive. */
type Publish = (count: number) => Promise<number[]>;

/**
 * The time from just before an event is published, on servers with nothing else to do, to its arrival at the receiver.
 * Rounds with one node and with two alternate, so that both are disturbed equally.
 */
export async function latency(): Promise<Report[]> {
  const one: number[][] = [];
  const two: number[][] = [];
  await onSqlite((onFile) =>
    onAnotherNode(async (onDatabase) => {
      await pause(HEARD_MS);
      for (const publish of [onFile, onDatabase]) await publish(WARM_UP);
      for (let round = 0; round < ROUNDS; round++) {
        one.push(await onFile(SAMPLES));
        two.push(await onDatabase(SAMPLES));
      }
    }),
  );
  const [p99, bareP99] = [two, one].map((rounds) => rounds.map((times) => quantile(times, 0.99))) as [number[], number[]];
  return [
    ...reports("publish → received", one.flat(), "one SQLite file, synchronous=FULL", [2, 10]),
    ...reports("published → sent by another node", two.flat(), "two nodes and PostgreSQL on the same processors, fsync on", [null, 20]),
    {
      name: "published → sent by another node, p99 of a round ÷ that of one node on an SQLite file",
      ours: median(p99),
      bare: median(bareP99),
      ratio: medianRatio(p99, bareP99),
      reach: { atMost: 1.5 },
      unit: "ms",
      settings: `${ROUNDS} rounds of ${SAMPLES} events each, in turn; medians`,
    },
  ];
}

async function onSqlite(work: (publish: Publish) => Promise<void>): Promise<void> {
  const { child: server, hello: at } = await startChild<{ url: string; key: string }>("./server-process.ts");
  try {
    await arrivals({ at, idle: () => server.ask("idle") }, work);
  } finally {
    await server.stop();
  }
}

/** One node answers the API, another sends. */
async function onAnotherNode(work: (publish: Publish) => Promise<void>): Promise<void> {
  const postgres = await startPostgres();
  try {
    const store = { url: postgres.url };
    const { keys } = await createPlatform({ store, secretKeys: { keys: TEST_SECRET }, name: "Bench" });
    const start = (role: string) =>
      startChild<{ url: string }>(new URL("../faults/node-process.ts", import.meta.url), [JSON.stringify({ store, roles: [role] })]);
    const { child: api, hello } = await start("api");
    const { child: sender } = await start("send");
    try {
      await arrivals({ at: { url: hello.url, key: keys.test.secret }, idle: () => sender.ask("idle") }, work);
    } finally {
      await Promise.all([api.stop(), sender.stop()]);
    }
  } finally {
    await postgres.stop();
  }
}

function reports(name: string, times: readonly number[], where: string, [p50, p99]: [number | null, number | null]): Report[] {
  const report = (share: number, atMost: number | null): Report => ({
    name: `${name}, p${share * 100}`,
    ours: quantile(times, share),
    bare: null,
    ratio: null,
    reach: atMost === null ? null : { atMost },
    unit: "ms",
    settings: `${times.length} events one at a time, ${where}`,
  });
  return [report(0.5, p50), report(0.99, p99)];
}

/** Creates an endpoint, and lets `work` publish to it. */
async function arrivals({ at, idle }: Published, work: (publish: Publish) => Promise<void>): Promise<void> {
  let arrived: (() => void) | null = null;
  const receiver = createServer((request, response) => {
    arrived?.();
    request.resume().on("end", () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const pool = new Pool(at.url, { connections: 1 });
  try {
    await createEndpoint(at, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
    let published = 0;
    const one = async (): Promise<number> => {
      const arrival = new Promise<number>((resolve) => {
        arrived = () => resolve(performance.now());
      });
      const started = performance.now();
      const answer = await pool.request({
        path: "/v1/events",
        method: "POST",
        headers: { authorization: `Bearer ${at.key}`, "content-type": "application/json" },
        body: JSON.stringify({ type: "payout.updated", data: { object: sampleObject(published++) } }),
      });
      await answer.body.text();
      const ms = (await arrival) - started;
      await idle();
      return ms;
    };
    await work(async (count) => {
      const times: number[] = [];
      for (let n = 0; n < count; n++) times.push(await one());
      return times;
    });
  } finally {
    await pool.close();
    receiver.closeAllConnections();
    receiver.close();
  }
}
