import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { startChild } from "./child.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { quantile, type Report } from "./report.ts";
import { sampleObject } from "./sample-event.ts";

const SAMPLES = 1_000;

/** From just before an event is published, on a server with nothing else to do, to its arrival at the receiver. */
export async function latency(): Promise<Report[]> {
  const { child: server, hello: at } = await startChild<{ url: string; key: string }>("./server-process.ts");
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
    for (let n = -100; n < SAMPLES; n++) {
      const arrival = new Promise<number>((resolve) => {
        arrived = () => resolve(performance.now());
      });
      const started = performance.now();
      const answer = await pool.request({
        path: "/v1/events",
        method: "POST",
        headers: { authorization: `Bearer ${at.key}`, "content-type": "application/json" },
        body: JSON.stringify({ type: "payout.updated", data: { object: sampleObject(n + 100) } }),
      });
      await answer.body.text();
      const ms = (await arrival) - started;
      if (n >= 0) times.push(ms);
      await server.ask("idle");
    }
    const settings = `${SAMPLES} events one at a time, one SQLite file, synchronous=FULL`;
    return [
      { name: "publish → received, p50", ours: quantile(times, 0.5), bare: null, ratio: null, reach: { atMost: 2 }, unit: "ms", settings },
      {
        name: "publish → received, p99",
        ours: quantile(times, 0.99),
        bare: null,
        ratio: null,
        reach: { atMost: 10 },
        unit: "ms",
        settings,
      },
    ];
  } finally {
    await pool.close();
    receiver.closeAllConnections();
    receiver.close();
    await server.stop();
  }
}
