import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { Pool } from "undici";
import { afterEach, expect, test } from "vitest";
import { type ServerProcess, startDevProcess } from "./dev-process.ts";

const KILLS = 8;
const BATCH = 20;
const PUBLISHERS = 3;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

test(`after ${KILLS} kills during publishing and delivering, every acknowledged event has arrived, signed and unchanged`, async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-kill-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  const receiver = await startReceiver();
  cleanUp.push(receiver.close);

  let server = await startDevProcess({ args: ["--data", directory] });
  cleanUp.push(() => server.end("SIGKILL"));
  receiver.secret = (await sdk(server).webhookEndpoints.create({ url: `http://127.0.0.1:${receiver.port}/hook`, enabled_events: ["*"] }))
    .secret as string;

  const acknowledged = new Set<string>();
  for (let round = 0; round < KILLS; round++) {
    // Each round dies at another point: after so many acknowledgements or so many arrivals.
    const publishing = publish(server, round, acknowledged);
    if (round % 2 === 0) await publishing.until(40 + 37 * round);
    else await receiver.until(receiver.arrived.size + 30 + 41 * round);
    expect((await server.end("SIGKILL")).signal).toBe("SIGKILL");
    await publishing.stop();
    server = await startDevProcess({ args: ["--data", directory] });
  }

  await receiver.untilHas(acknowledged);
  expect(acknowledged.size).toBeGreaterThan(KILLS * BATCH);
  expect(receiver.refused).toEqual([]);
  for (const [id, bodies] of receiver.bodies) expect(bodies.size, `${id} came with other bytes the second time`).toBe(1);
  // Only what was in flight at a kill may come twice.
  const twice = receiver.requests - receiver.arrived.size;
  expect(twice).toBeLessThanOrEqual(KILLS * 512);
  const pending = await sdk(server).events.list({ delivery_success: false, limit: 1 });
  const left = pending.data.filter(({ id }) => acknowledged.has(id));
  expect(left.length).toBeLessThanOrEqual(1);
}, 120_000);

function sdk(server: ServerProcess): Stripe {
  return new Stripe(server.keys.test.secret, { host: "127.0.0.1", port: server.port, protocol: "http", telemetry: false });
}

/**
 * Publishes batches without a pause until stopped or the server is gone; an event counts as acknowledged once its batch
 * was answered 200.
 */
function publish(server: ServerProcess, round: number, acknowledged: Set<string>) {
  const pool = new Pool(server.url, { connections: PUBLISHERS });
  let stopped = false;
  let acks = 0;
  let waiting: { count: number; resolve: () => void } | null = null;
  const publishers = Array.from({ length: PUBLISHERS }, async (_, publisher) => {
    for (let batch = 0; !stopped; batch++) {
      const ids = Array.from({ length: BATCH }, (_, n) => `evt_kill_${round}_${publisher}_${batch}_${n}`);
      const events = ids.map((id) => ({
        id,
        type: "payout.updated",
        data: { object: { id: "po_1", object: "payout", note: "x".repeat(500) } },
      }));
      try {
        const answer = await pool.request({
          path: "/v1/events",
          method: "POST",
          headers: { authorization: `Bearer ${server.keys.test.secret}`, "content-type": "application/json" },
          body: JSON.stringify({ events }),
        });
        const text = await answer.body.text();
        if (answer.statusCode !== 200) throw new Error(`publishing was answered ${answer.statusCode}: ${text}`);
      } catch (error) {
        if (server.process.exitCode !== null || server.process.signalCode !== null || server.process.killed) return;
        throw error;
      }
      for (const id of ids) acknowledged.add(id);
      acks += BATCH;
      if (waiting !== null && acks >= waiting.count) waiting.resolve();
    }
  });
  return {
    until: (count: number) =>
      new Promise<void>((resolve) => {
        if (acks >= count) resolve();
        else waiting = { count, resolve };
      }),
    async stop() {
      stopped = true;
      await Promise.all(publishers);
      await pool.destroy();
    },
  };
}

async function startReceiver() {
  const arrived = new Set<string>();
  const bodies = new Map<string, Set<string>>();
  const refused: string[] = [];
  let check: () => void = () => undefined;
  const receiver = {
    port: 0,
    secret: "",
    arrived,
    bodies,
    refused,
    requests: 0,
    until: (count: number) => when(() => arrived.size >= count),
    untilHas: (ids: ReadonlySet<string>) => when(() => ids.isSubsetOf(arrived)),
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  };
  function when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      check = () => condition() && resolve();
      check();
    });
  }
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      receiver.requests++;
      try {
        const { id } = Stripe.webhooks.constructEvent(body, request.headers["stripe-signature"] ?? "", receiver.secret);
        arrived.add(id);
        bodies.set(id, (bodies.get(id) ?? new Set()).add(body.toString()));
      } catch (error) {
        refused.push(String(error));
      }
      response.writeHead(200).end();
      check();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  receiver.port = (http.address() as AddressInfo).port;
  return receiver;
}
