import { Pool } from "undici";
import { sampleObject } from "./sample-event.ts";

/**
 * Publishes events in batches, several requests at once. Started with `url key batch requests`; asked `{ events }`,
 * answers `{ ms }` when all are acknowledged.
 */
const [url, key, batch, requests] = process.argv.slice(2) as [string, string, string, string];
const pool = new Pool(url, { connections: Number(requests), pipelining: 1 });
const size = Number(batch);
const body = JSON.stringify({
  events: Array.from({ length: size }, (_, n) => ({ type: "payout.updated", data: { object: sampleObject(n) } })),
});

async function publishUntil(left: { batches: number }): Promise<void> {
  while (left.batches-- > 0) {
    const answer = await pool.request({
      path: "/v1/events",
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`publishing was answered ${answer.statusCode}: ${text}`);
  }
}

process.on("message", ({ events }: { events: number }) => {
  const started = performance.now();
  const left = { batches: Math.ceil(events / size) };
  void Promise.all(Array.from({ length: Number(requests) }, () => publishUntil(left))).then(() =>
    process.send?.({ ms: performance.now() - started }),
  );
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });
