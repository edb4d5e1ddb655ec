import { Agent } from "undici";
import { signatureHeader, WEBHOOK_HEADERS } from "../packages/protocol/src/index.ts";
import { renderEvent } from "../packages/server/src/events/render-event.ts";
import { sampleObject } from "./sample-event.ts";

/**
 * Sends webhooks, each for a different event, which are signed before the measurement. Started with the secret and how
 * many are in flight; asked `{ prepare: N }`, answers `{ bytes }`, the size of one; then asked `{ port }`, sends what
 * is prepared and answers `{ ms }`.
 */
const [secret = "", connections = "1"] = process.argv.slice(2);
const inFlight = Number(connections);
const agent = new Agent({ connections: inFlight, pipelining: 1 });
let events = 0;

function webhook(): { body: Buffer; signature: string } {
  const number = String(++events).padStart(24, "0");
  const body = Buffer.from(
    renderEvent(
      {
        id: `evt_${number}`,
        accountId: "acct_1PgafTB7WZ01zgkW",
        created: 1_763_942_400_000,
        livemode: false,
        type: "payout.updated",
        object: sampleObject(events),
        previousAttributes: undefined,
        pendingWebhooks: 1,
        request: { id: "req_1", idempotencyKey: null },
      },
      { apiVersion: "2026-10-28.endive", asConnected: true },
    ),
  );
  return { body, signature: signatureHeader({ timestamp: Math.floor(Date.now() / 1_000), body, secrets: [secret], dummy: true }) };
}

let prepared: ReturnType<typeof webhook>[] = [];

async function send(port: number): Promise<{ ms: number }> {
  const webhooks = prepared;
  const started = performance.now();
  const workers = Array.from({ length: inFlight }, async () => {
    for (let next = webhooks.pop(); next !== undefined; next = webhooks.pop()) {
      const { statusCode, body } = await agent.request({
        origin: `http://127.0.0.1:${port}`,
        path: "/hook",
        method: "POST",
        headers: { ...WEBHOOK_HEADERS, "stripe-signature": next.signature },
        body: next.body,
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`the receiver answered ${statusCode}`);
    }
  });
  await Promise.all(workers);
  return { ms: performance.now() - started };
}

process.on("message", (asked: { prepare: number } | { port: number }) => {
  if ("port" in asked) {
    void send(asked.port).then((sent) => process.send?.(sent));
    return;
  }
  prepared = Array.from({ length: asked.prepare }, webhook);
  process.send?.({ bytes: prepared[0]?.body.length ?? 0 });
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });
