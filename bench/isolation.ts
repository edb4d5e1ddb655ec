import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { type BlackHole, startBlackHole } from "./black-hole.ts";
import { startChild } from "./child.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { quantile, type Report } from "./report.ts";
import { sampleObject } from "./sample-event.ts";

/**
 * Healthy tenants with one endpoint each, how many of their events are measured, and at which pace. The measurement
 * takes longer than an attempt at a silent endpoint.
 */
const HEALTHY = 3;
const SAMPLES = 800;
const EVERY_MS = 50;
const WARM_UP = 100;

/** How long events may take to arrive after the last one was published. */
const ARRIVED_WITHIN_MS = 60_000;

/** The bad endpoints. Each kind belongs to one tenant, who queues its share of the deliveries to them. */
const BAD = [
  { kind: "silent", endpoints: 16 },
  { kind: "dripping", endpoints: 16 },
  { kind: "failing", endpoints: 16 },
  { kind: "black-hole", endpoints: 12 },
] as const;
const QUEUED = 10_000;

/**
 * How long a healthy tenant waits from publishing an event to its arrival, with and without many bad endpoints of
 * others.
 */
export async function isolation(): Promise<Report[]> {
  const postgres = await startPostgres();
  try {
    return [...(await isolationOn("SQLite", "")), ...(await isolationOn("PostgreSQL", postgres.url))];
  } finally {
    await postgres.stop();
  }
}

/** `database`: the URL of the PostgreSQL database to keep everything in; empty for an SQLite file. */
async function isolationOn(store: string, database: string): Promise<Report[]> {
  const { child: bad, hello: badAt } = await startChild<{ port: number }>("./bad-receiver.ts");
  const blackHole: BlackHole = await startBlackHole();
  const tenants = String(HEALTHY + BAD.length);
  const { child: server, hello } = await startChild<{ url: string; keys: string[] }>("./server-process.ts", ["{}", database, tenants]);
  const healthy = await startHealthy(hello.url, hello.keys.slice(0, HEALTHY));
  try {
    await healthy.arrivals(WARM_UP);
    const before = await healthy.arrivals(SAMPLES);
    for (const [index, { kind, endpoints }] of BAD.entries()) {
      const at = { url: hello.url, key: hello.keys[HEALTHY + index] as string };
      const origin = kind === "black-hole" ? blackHole.origin : `http://127.0.0.1:${badAt.port}`;
      for (let n = 0; n < endpoints; n++) await createEndpoint(at, `${origin}/${kind}/${n}`);
    }
    await Promise.all(
      BAD.map(({ endpoints }, index) => {
        const at = { url: hello.url, key: hello.keys[HEALTHY + index] as string };
        return publish(at, Math.ceil(QUEUED / BAD.length / endpoints));
      }),
    );
    // Measured from the moment at which the backlog is queued: the server has just started on it.
    const beside = await healthy.arrivals(SAMPLES);
    const report = (what: string, share: number, ours: readonly number[]): Report => ({
      name: `beside bad endpoints, ${what}, ${store}`,
      ours: quantile(ours, share),
      bare: quantile(before, share),
      ratio: quantile(ours, share) / quantile(before, share),
      reach: { atMost: 2 },
      unit: "ms",
      settings: `publish → received, ${SAMPLES} events of ${HEALTHY} healthy tenants, one every ${EVERY_MS} ms, all arrived; ${BAD.map(
        ({ kind, endpoints }) => `${endpoints} ${kind}`,
      ).join(", ")} endpoints with ${QUEUED} deliveries queued to them; bare: the same server before they were there`,
    });
    // In the first second the server works on the burst itself: this many attempts, and as many deliveries returned to
    // the store.
    const later = beside.slice(1_000 / EVERY_MS);
    return [report("p50", 0.5, beside), report("p99", 0.99, beside), report("p99 after a second", 0.99, later)];
  } finally {
    await healthy.stop();
    await server.end("SIGKILL");
    await blackHole.stop();
    await bad.stop();
  }
}

/** Publishes this many events in one request. */
async function publish({ url, key }: { url: string; key: string }, count: number): Promise<void> {
  const answer = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      events: Array.from({ length: count }, (_, n) => ({ type: "payout.updated", data: { object: sampleObject(n) } })),
    }),
  });
  if (!answer.ok) throw new Error(`publishing was answered ${answer.status}: ${await answer.text()}`);
}

/** Tenants whose endpoint answers at once. */
async function startHealthy(url: string, keys: readonly string[]) {
  const waiting = new Map<string, () => void>();
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { object: { id: string } } };
    waiting.get(data.object.id)?.();
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  for (const key of keys) await createEndpoint({ url, key }, `http://127.0.0.1:${port}/hook`);
  const pool = new Pool(url, { connections: 32 });
  let published = 0;

  /** From the time at which an event was scheduled to be published, however long others take, to its arrival. */
  async function arrival(n: number): Promise<number> {
    const began = performance.now();
    const object = sampleObject(n);
    const arrived = new Promise<number>((resolve) => waiting.set(object.id as string, () => resolve(performance.now() - began)));
    const answer = await pool.request({
      path: "/v1/events",
      method: "POST",
      headers: { authorization: `Bearer ${keys[n % keys.length]}`, "content-type": "application/json" },
      body: JSON.stringify({ type: "payout.updated", data: { object } }),
    });
    if (answer.statusCode !== 200) throw new Error(`publishing was answered ${answer.statusCode}`);
    await answer.body.text();
    const late = new AbortController();
    const gone = pause(ARRIVED_WITHIN_MS, null, { signal: late.signal }).catch(() => null);
    const ms = await Promise.race([arrived, gone]);
    late.abort();
    if (ms === null) throw new Error(`event ${n} of a healthy tenant has not arrived after ${ARRIVED_WITHIN_MS} ms`);
    waiting.delete(object.id as string);
    return ms;
  }

  return {
    /**
     * How long each of `count` events took, published one after another at the pace. Throws when one does not arrive.
     */
    async arrivals(count: number): Promise<number[]> {
      const times: Promise<number>[] = [];
      for (let n = 0; n < count; n++) {
        times.push(arrival(published++));
        await pause(EVERY_MS);
      }
      return Promise.all(times);
    },
    async stop() {
      await pool.destroy();
      receiver.closeAllConnections();
      receiver.close();
    },
  };
}
