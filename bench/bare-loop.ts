import { Agent } from "undici";
import { signatureHeader, WEBHOOK_HEADERS } from "../packages/protocol/src/index.ts";
import { renderEvent } from "../packages/server/src/events/render-event.ts";
import { sampleObject } from "./sample-event.ts";

/**
 * The least work that sending takes: sign a body, post it with undici's `dispatch`, wait for 2xx, take the next. No
 * store, no record. Started with `port inFlight`; asked `{ posts }`, answers `{ ms, bytes }`.
 */
const [port, inFlight] = process.argv.slice(2).map(Number) as [number, number];
const agent = new Agent({ connections: inFlight, pipelining: 1 });
const origin = `http://127.0.0.1:${port}`;
const body = Buffer.from(
  renderEvent(
    {
      id: "evt_1Mg82SKtjYJMPxxdblK6kkRJ",
      accountId: "acct_1PgafTB7WZ01zgkW",
      created: 1_763_942_400_000,
      livemode: false,
      type: "payout.updated",
      object: sampleObject(1),
      previousAttributes: undefined,
      pendingWebhooks: 1,
      request: { id: "req_1", idempotencyKey: null },
    },
    { apiVersion: "2026-10-28.endive", asConnected: true },
  ),
);

process.on("message", ({ posts }: { posts: number }) => {
  const started = performance.now();
  let begun = 0;
  let done = 0;
  const next = (): void => {
    if (begun === posts) return;
    begun++;
    const headers = {
      ...WEBHOOK_HEADERS,
      "stripe-signature": signatureHeader({
        timestamp: Math.floor(Date.now() / 1000),
        body,
        secrets: ["whsec_0123456789abcdefghijklmnopqrstuv"],
        dummy: true,
      }),
    };
    agent.dispatch(
      { origin, path: "/hook", method: "POST", headers, body },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller: unknown, status: number) => {
          if (status !== 200) throw new Error(`the sink answered ${status}`);
        },
        onResponseData: () => undefined,
        onResponseEnd: () => {
          if (++done === posts) process.send?.({ ms: performance.now() - started, bytes: body.length });
          else next();
        },
        onResponseError: (_controller: unknown, error: Error) => {
          throw error;
        },
      },
    );
  };
  for (let n = 0; n < inFlight; n++) next();
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });
