import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { createPlatform } from "../packages/server/src/index.ts";
import { TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";
import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { startChild } from "./child.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { quantile, type Report } from "./report.ts";
import { sampleObject } from "./sample-event.ts";

const SAMPLES = 1_000;
const WARM_UP = 100;

/** Where events are published, and how to wait until the server has nothing to do. */
interface Published {
  at: { url: string; key: string };
  idle(): Promise<void>;
}

/** From just before an event is published, on servers with nothing else to do, to its arrival at the receiver. */
export async function latency(): Promise<Report[]> {
  return [...(await onSqlite()), ...(await onAnotherNode())];
}

async function onSqlite(): Promise<Report[]> {
  const { child: server, hello: at } = await startChild<{ url: string; key: string }>("./server-process.ts");
  try {
    const times = await arrivals({ at, idle: () => server.ask("idle") });
    return reports("publish → received", times, "one SQLite file, synchronous=FULL", [2, 10]);
  } finally {
    await server.stop();
  }
}

/** One node answers the API, another sends. */
async function onAnotherNode(): Promise<Report[]> {
  const postgres = await startPostgres();
  try {
    const store = { url: postgres.url };
    const { keys } = await createPlatform({ store, secretKeys: { keys: TEST_SECRET }, name: "Bench" });
    const start = (role: string) =>
      startChild<{ url: string }>(new URL("../faults/node-process.ts", import.meta.url), [JSON.stringify({ store, roles: [role] })]);
    const { child: api, hello } = await start("api");
    const { child: sender } = await start("send");
    try {
      const times = await arrivals({ at: { url: hello.url, key: keys.test.secret }, idle: () => sender.ask("idle") });
      return reports("published → sent by another node", times, "two nodes and PostgreSQL on the same processors, fsync on", [null, 20]);
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
    settings: `${SAMPLES} events one at a time, ${where}`,
  });
  return [report(0.5, p50), report(0.99, p99)];
}

async function arrivals({ at, idle }: Published): Promise<number[]> {
  let arrived: (() => void) | null = null;
  const receiver = createServer((request, response) => {
    arrived?.();
    request.resume().on("end", () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const pool = new Pool(at.url, { connections: 1 });
  try {
    await createEndpoint(at, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
    const times: number[] = [];
    for (let n = 0; n < WARM_UP + SAMPLES; n++) {
      const arrival = new Promise<number>((resolve) => {
        arrived = () => resolve(performance.now());
      });
      const started = performance.now();
      const answer = await pool.request({
        path: "/v1/events",
        method: "POST",
        headers: { authorization: `Bearer ${at.key}`, "content-type": "application/json" },
        body: JSON.stringify({ type: "payout.updated", data: { object: sampleObject(n) } }),
      });
      await answer.body.text();
      const ms = (await arrival) - started;
      if (n >= WARM_UP) times.push(ms);
      await idle();
    }
    return times;
  } finally {
    await pool.close();
    receiver.closeAllConnections();
    receiver.close();
  }
}
